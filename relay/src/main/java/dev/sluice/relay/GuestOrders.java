package dev.sluice.relay;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * What the relay itself has to say to the guest: kill signals for the exec sessions of clients that left. Frames are made one at a time
 * when the guest can take them, so that ten thousand sessions to kill cost ten thousand ids, not as many frames.
 *
 * <p>Pure state. One owner thread.
 */
final class GuestOrders {
    private static final int FRAME_CAPACITY = 256;

    private record Kills(int range, int[] ids) {
    }

    private final RangeTable ranges;
    private final RelayCounters counters;
    private final MemorySegment frame;
    private final FrameRun run = new FrameRun();
    private final ArrayDeque<Kills> kills = new ArrayDeque<>();
    private int nextId;

    GuestOrders(final RangeTable ranges, final RelayCounters counters, final Arena arena) {
        this.ranges = ranges;
        this.counters = counters;
        this.frame = arena.allocate(FRAME_CAPACITY);
        run.reset(frame, 0);
    }

    /** Orders the end of every exec session that a client leaves behind; call it before the range is given back. */
    void killSessions(final int range) {
        final int[] ids = ranges.sessions(range).ids();
        if (ids.length > 0) {
            kills.add(new Kills(range, ids));
        }
    }

    /** {@return whether a frame is in {@link #run} now; one that the guest has part of stays until it is whole} */
    boolean prepare(final int generation) {
        while (run.isEmpty() && !kills.isEmpty()) {
            final Kills current = kills.peek();
            if (nextId == current.ids.length) {
                kills.poll();
                nextId = 0;
                continue;
            }
            final int id = current.ids[nextId++];
            if (ranges.sessions(current.range).kind(id) == SessionKind.EXEC) {
                final byte[] bytes = RelayFrames.kill(generation, id);
                MemorySegment.copy(MemorySegment.ofArray(bytes), 0, frame, 0, bytes.length);
                run.reset(frame, 0);
                run.extendTo(bytes.length);
                counters.increment(RelayCounter.SESSIONS_KILLED);
            }
        }
        return !run.isEmpty();
    }

    boolean isEmpty() {
        return kills.isEmpty() && run.isEmpty();
    }

    FrameRun run() {
        return run;
    }

    /** The guest is gone: nothing is left to order. */
    void clear() {
        kills.clear();
        nextId = 0;
        run.reset(frame, 0);
    }
}
