package dev.sluice.relay;

import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.IdRange;
import dev.sluice.protocol.WindowFrame;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.agrona.collections.IntArrayQueue;
import org.agrona.concurrent.EpochNanoClock;

/**
 * What the relay itself has to say to the guest: core.bootstrap and core.init.ack while it boots, then kill signals for the exec sessions
 * of clients that left, that they left, the time, and core.shutdown. Frames are made one at a time when the guest can take them, so that
 * ten thousand sessions to kill cost ten thousand ids, not as many frames.
 *
 * <p>They go before the frames of clients: whoever is given a range that was given back speaks after the guest has been told.
 *
 * <p>Pure state. One owner thread.
 */
final class GuestOrders {
    private static final int FRAME_CAPACITY = 256;
    private static final int NO_ID = 0;
    private static final int MAX_GENERATION = 7;
    /** First generation of which every agent knows core.relay.client.disconnected: those of 0.4 are generation 1 and die of it. */
    private static final int CLIENT_DISCONNECTED_GENERATION = 2;
    /** First generation of which every agent knows core.clock.sync. */
    private static final int CLOCK_SYNC_GENERATION = 3;

    private record Departure(int range, int[] sessions) {
    }

    private final RangeTable ranges;
    private final RelayCounters counters;
    private final EpochNanoClock wallClock;
    private final MemorySegment frame;
    private final MemorySegment bootstrap;
    private final FrameRun run = new FrameRun();
    private final ArrayDeque<Departure> departures = new ArrayDeque<>();
    private final IntArrayQueue kills = new IntArrayQueue(NO_ID);
    private final ArrayDeque<LoggedSession> grants = new ArrayDeque<>();
    private int nextSession;
    private boolean bootstrapDue;
    private boolean initAckDue;
    private boolean clockSyncDue;
    private boolean shutdownDue;

    /** @param bootstrap the frame of core.bootstrap, or null when the guest is to be told nothing */
    GuestOrders(
        final RangeTable ranges, final RelayCounters counters, final EpochNanoClock wallClock, final byte[] bootstrap, final Arena arena) {
        this.ranges = ranges;
        this.counters = counters;
        this.wallClock = wallClock;
        this.frame = arena.allocate(FRAME_CAPACITY);
        this.bootstrap = bootstrap == null ? null : copy(bootstrap, arena.allocate(bootstrap.length));
        run.reset(frame, 0);
    }

    private static MemorySegment copy(final byte[] bytes, final MemorySegment target) {
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, 0, bytes.length);
        return target;
    }

    static boolean knowsClockSync(final int generation) {
        return generation >= CLOCK_SYNC_GENERATION;
    }

    /** A guest's port has opened: what it is to be comes first. */
    void greet() {
        bootstrapDue = bootstrap != null;
    }

    /** The guest waits for core.init.ack. */
    void acknowledgeInit() {
        initAckDue = true;
    }

    /** A program is to be killed whose session the relay has ended. */
    void kill(final int id) {
        kills.offerInt(id);
    }

    /** A session is to be granted what its exec log has made room for. */
    void grant(final LoggedSession session) {
        if (!session.isGrantDue()) {
            session.grantDue(true);
            grants.add(session);
        }
    }

    /** The guest is to be told the time. */
    void syncClock() {
        clockSyncDue = true;
    }

    /** The guest is to end. */
    void shutDown() {
        shutdownDue = true;
    }

    /**
     * A client that has sent something has left: orders the end of its exec sessions, and says that it is gone; call it before the range is
     * given back.
     */
    void clientLeft(final int range) {
        departures.add(new Departure(range, ranges.sessions(range).ids()));
    }

    /**
     * Puts the next frame into {@link #run}; one that the guest has part of stays until it is whole.
     *
     * @param generation of the guest; means nothing while it is not ready
     * @param ready whether the guest serves sessions
     * @return whether there is a frame
     */
    boolean prepare(final int generation, final boolean ready) {
        if (!run.isEmpty()) {
            return true;
        }
        if (bootstrapDue) {
            bootstrapDue = false;
            begin(bootstrap, (int) bootstrap.byteSize());
        } else if (initAckDue) {
            initAckDue = false;
            begin(RelayFrames.initAck(MAX_GENERATION));
        } else if (ready) {
            prepareForReady(generation);
        }
        return !run.isEmpty();
    }

    private void prepareForReady(final int generation) {
        if (!kills.isEmpty()) {
            begin(RelayFrames.kill(generation, kills.pollInt()));
            counters.increment(RelayCounter.SESSIONS_KILLED);
        }
        while (run.isEmpty() && !departures.isEmpty()) {
            prepareDeparture(generation, departures.peek());
        }
        while (run.isEmpty() && !grants.isEmpty()) {
            prepareGrant(generation, grants.peek());
        }
        if (run.isEmpty() && clockSyncDue) {
            clockSyncDue = false;
            begin(RelayFrames.clockSync(generation, wallClock.nanoTime()));
            counters.increment(RelayCounter.CLOCK_SYNCS);
        }
        if (run.isEmpty() && shutdownDue) {
            shutdownDue = false;
            begin(RelayFrames.shutdown(generation));
        }
    }

    private void prepareDeparture(final int generation, final Departure departure) {
        if (nextSession < departure.sessions.length) {
            final int id = departure.sessions[nextSession++];
            if (ranges.sessions(departure.range).kind(id) == SessionKind.EXEC) {
                begin(RelayFrames.kill(generation, id));
                counters.increment(RelayCounter.SESSIONS_KILLED);
            }
            return;
        }
        departures.poll();
        nextSession = 0;
        if (generation >= CLIENT_DISCONNECTED_GENERATION) {
            final IdRange range = IdGrid.range(departure.range);
            begin(RelayFrames.clientDisconnected(generation, range));
        }
    }

    private void prepareGrant(final int generation, final LoggedSession session) {
        for (int stream = 0; stream < LogCredit.STREAMS; stream++) {
            final long bytes = session.takeGrant(stream, WindowFrame.MAX_BYTES);
            if (bytes > 0) {
                begin(frame, WindowFrame.encode(frame, 0, generation, session.id(), WindowFrame.STDOUT + stream, bytes));
                return;
            }
        }
        grants.poll().grantDue(false);
    }

    private void begin(final byte[] bytes) {
        begin(copy(bytes, frame), bytes.length);
    }

    private void begin(final MemorySegment memory, final int length) {
        run.reset(memory, 0);
        run.extendTo(length);
    }

    /** {@return whether there is nothing that could be said now} */
    boolean isEmpty(final boolean ready) {
        return run.isEmpty() && !bootstrapDue && !initAckDue
            && !(ready && (!departures.isEmpty() || !kills.isEmpty() || !grants.isEmpty() || clockSyncDue || shutdownDue));
    }

    FrameRun run() {
        return run;
    }

    /** The guest is gone: nothing is left to order. */
    void clear() {
        departures.clear();
        kills.clear();
        grants.clear();
        nextSession = 0;
        bootstrapDue = false;
        initAckDue = false;
        clockSyncDue = false;
        shutdownDue = false;
        run.reset(frame, 0);
    }
}
