package dev.sluice.relay;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import dev.sluice.protocol.WindowPayload;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.function.Predicate;
import org.agrona.concurrent.EpochNanoClock;

/**
 * What the relay's loop tells the exec log: sessions, the bytes of their output as they pass, and where the guest begins and ends. Output
 * is recorded whether or not its client still takes it. Nothing here waits: what the ring has no room for is counted, and marked in the log
 * as soon as there is room again.
 *
 * <p>One owner thread, the loop's. No allocation per frame.
 */
final class ExecLogTap implements ExecDataFinder.Sink {
    /** A grant takes less than this; what is longer is passed on as it is. */
    private static final int MAX_GRANT_BODY = 1024;
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** Sessions that the log is to be told of one by one; of those beyond that it is told the sum of what they have lost. */
    static final int MAX_DUE = 4096;

    private final ExecLogRing ring;
    private final ExecLogShared shared;
    private final EpochNanoClock wallClock;
    private final ExecLogPolicy policy;
    private final Runnable wakeWriter;
    private final RelayCounters counters;
    private final ExecRequestHints hints = new ExecRequestHints();
    private final ExecDataFinder finder = new ExecDataFinder(this);
    private final LoggedSessions sessions = new LoggedSessions();
    private final ArrayDeque<LoggedSession> due = new ArrayDeque<>();
    private final ExecLogMarkers dueMarkers = new ExecLogMarkers();
    /** Stand for sessions that are over, whose bytes are missing, and of which there are too many to be told apart. */
    private final LoggedSession manyPiped = new LoggedSession(0, 0, false, null, 0);
    private final LoggedSession manyTerminals = new LoggedSession(0, 0, true, null, 0);
    private final ArrayDeque<LoggedSession> condemned = new ArrayDeque<>();
    private final LogCreditTable credits;
    /** Sessions whose grants wait for the log. */
    private final ArrayDeque<LoggedSession> holding = new ArrayDeque<>();
    private final Envelope envelope = new Envelope();
    private final WindowPayload window = new WindowPayload();
    private GuestOrders orders;
    private long lastNumber;
    private long quota = Long.MAX_VALUE;
    private boolean guestKnown;
    /** No session is open that is not condemned: none is looked for again, however long the disk takes nothing. */
    private boolean allCondemned;

    /** The frame in hand, and the record in hand of it. */
    private LoggedSession session;
    private int frameLength;
    private int stream;
    private int dataRemaining;
    private int creditRemaining;
    private boolean ofReserve;
    private int claim;
    private int claimLength;
    private int claimFilled;
    private boolean losing;
    private boolean overQuota;
    private long nowMs;

    ExecLogTap(
        final ExecLogRing ring, final ExecLogShared shared, final EpochNanoClock wallClock, final ExecLogPolicy policy,
        final RelayCounters counters, final Runnable wakeWriter) {
        this.ring = ring;
        this.shared = shared;
        this.wallClock = wallClock;
        this.policy = policy;
        this.counters = counters;
        this.wakeWriter = wakeWriter;
        this.credits = new LogCreditTable(ring, shared);
        nowMs = wallClock.nanoTime() / NANOS_PER_MILLI;
    }

    /** Sessions get numbers above this one. */
    void numberAfter(final long last) {
        lastNumber = last;
    }

    /** Sets how many bytes of one session are recorded; 0 for all. */
    void quota(final long bytes) {
        quota = bytes == 0 ? Long.MAX_VALUE : bytes;
    }

    /** Sets who grants more to the guest when the log has room. */
    void orders(final GuestOrders value) {
        orders = value;
    }

    /** A guest has become ready. @param readyFrame its core.ready, which says whether it knows windows */
    void guestReady(final MemorySegment readyFrame) {
        guestGone();
        guestKnown = true;
        hints.read(readyFrame, FrameDescriptor.BODY_OFFSET, (int) readyFrame.byteSize() - FrameDescriptor.HEADER_LENGTH);
        credits.guestHasWindows(hints.window() > 0);
        mark(ExecLogRecord.STARTED);
    }

    /** The guest is gone, or the relay ends: so has every session. Idempotent. */
    void guestGone() {
        if (session != null) {
            abandonFrame();
        }
        sessions.forEach(this::end);
        if (guestKnown) {
            guestKnown = false;
            mark(ExecLogRecord.STOPPED);
        }
    }

    private void mark(final int type) {
        if (!dueMarkers.isEmpty() || !ring.publish(type, 0, nowMs, ExecLogRecord.what(0, ExecLogRecord.NO_SLOT))) {
            dueMarkers.add(type, nowMs);
        }
    }

    /** A client's request to start a program is on its way to the guest. */
    void opened(final int id, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        final LoggedSession before = sessions.get(id);
        if (before != null) {
            // A client that uses an id again while its session is open: what comes now cannot be told apart, and is the new one's.
            end(before);
        }
        hints.read(memory, bodyOffset, bodyLength);
        final LoggedSession opened = new LoggedSession(++lastNumber, id, hints.tty(), credits.open(hints.window()), quota);
        sessions.add(opened);
        if (policy == ExecLogPolicy.FAIL_CLOSED && shared.failing()) {
            condemn(opened);
        } else {
            allCondemned = false;
        }
    }

    /** {@return the session of an id that the log follows, or null} */
    LoggedSession session(final int id) {
        return sessions.get(id);
    }

    /** {@return whether the client of a session has been sent its end because its output cannot be recorded} */
    boolean isEndTold(final int id) {
        final LoggedSession open = sessions.get(id);
        return open != null && open.isEndTold();
    }

    /** Ranges are given out anew: sessions of the client before that have never ended are over. */
    void rangeTaken(final int range) {
        condemned.removeIf(unrecorded -> RangeTable.rangeOf(unrecorded.id()) == range);
        sessions.forEachOf(range, this::end);
    }

    private void end(final LoggedSession ending) {
        sessions.remove(ending);
        ending.end();
        credits.close(ending.credit());
        settle(ending);
    }

    /** {@return whether a frame is a grant of a client's that waits for the log; it is remembered then, and sent when there is room} */
    boolean takesGrant(final int id, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        final LoggedSession granted = bodyLength > MAX_GRANT_BODY ? null : sessions.get(id);
        if (granted == null || granted.credit() == null
            || MessageType.recognise(memory, bodyOffset, bodyLength) != MessageType.WINDOW) {
            return false;
        }
        try {
            envelope.wrap(memory, bodyOffset, bodyLength);
            window.wrap(envelope);
        } catch (final ProtocolException e) {
            // The guest is to judge it.
            return false;
        }
        if (window.stream() == WindowFrame.STDIN) {
            return false;
        }
        granted.credit().grant(window.stream() - WindowFrame.STDOUT, window.bytes());
        if (!granted.isHolding()) {
            granted.holding(true);
            holding.add(granted);
        }
        return true;
    }

    /** A frame of a session begins. @return whether it is one of a session that the relay has ended for want of a record */
    boolean frameStart(final int id, final int bodyLength) {
        session = sessions.get(id);
        if (session == null) {
            return false;
        }
        frameLength = FrameDescriptor.HEADER_LENGTH + bodyLength;
        session.spoken();
        finder.start(bodyLength);
        if (session.isCondemned()) {
            session.withhold();
        }
        return session.isCondemned();
    }

    /** {@return whether the frame in hand is one of a session that is logged, and more of it is wanted} */
    boolean isInterested() {
        return session != null && finder.isInterested();
    }

    /** The next bytes of the body. */
    void body(final MemorySegment memory, final long offset, final int length) {
        finder.take(memory, offset, length);
    }

    /** The frame has ended. @param endsSession whether its session has with it */
    void frameEnd(final boolean endsSession) {
        if (session != null) {
            finder.end();
            if (endsSession) {
                end(session);
            }
            session = null;
        }
    }

    private void abandonFrame() {
        finder.end();
        session = null;
    }

    @Override
    public void begin(final int ofStream, final int length) {
        stream = ofStream;
        dataRemaining = length;
        creditRemaining = frameLength;
        losing = false;
        overQuota = false;
        claim = -1;
        ofReserve = credits.takesFromReserve(session.credit(), stream, frameLength);
        if (length == 0 && ofReserve) {
            // Nothing to record, but the frame has used up some of its window.
            claimNext();
            if (!losing) {
                commit();
            }
        }
    }

    @Override
    public void data(final MemorySegment memory, final long offset, final int length) {
        int done = 0;
        while (done < length) {
            if (claim < 0 && !losing) {
                if (session.quotaLeft() == 0) {
                    session.exceed(stream, length - done);
                    counters.add(RelayCounter.EXEC_LOG_BYTES_OVER_QUOTA, length - done);
                    overQuota = true;
                    return;
                }
                claimNext();
            }
            if (losing) {
                session.lose(stream, length - done, 0);
                counters.add(RelayCounter.EXEC_LOG_BYTES_BEHIND, length - done);
                return;
            }
            final int part = Math.min(length - done, claimLength - claimFilled);
            MemorySegment.copy(memory, offset + done, ring.memory(), claim + ExecLogRecord.CONTENT_OFFSET + claimFilled, part);
            claimFilled += part;
            dataRemaining -= part;
            done += part;
            if (claimFilled == claimLength) {
                commit();
            }
        }
    }

    @Override
    public void end() {
        if (claim >= 0) {
            // The guest was lost inside its frame: what has come is recorded.
            commit();
        }
        if (ofReserve && creditRemaining > 0) {
            session.lose(stream, 0, creditRemaining);
        }
        if (session.hasLost()) {
            settleLater(session);
        }
        if ((losing || overQuota) && policy == ExecLogPolicy.FAIL_CLOSED) {
            condemn(session);
        }
    }

    private void claimNext() {
        claimLength = (int) Math.min(Math.min(ExecLogRecord.MAX_DATA, dataRemaining), session.quotaLeft());
        claimFilled = 0;
        // A gap goes on until there is much room: a log that can hardly keep up is to have few gaps, not one a frame.
        final boolean complete = !session.hasLost() || (!session.hasLostBytes() || ring.isHalfEmpty()) && settle(session);
        claim = complete ? ring.claimData(claimLength, ofReserve) : -1;
        losing = claim < 0;
    }

    private void commit() {
        final boolean last = dataRemaining == 0;
        final int credit = !ofReserve ? 0 : last ? creditRemaining : claimFilled;
        creditRemaining -= credit;
        session.recorded(claimFilled);
        ring.commitData(claim, session.number(), nowMs, session.what(stream), claimFilled, credit);
        claim = -1;
    }

    private boolean settle(final LoggedSession unsettled) {
        if (unsettled.settle(ring, nowMs)) {
            return true;
        }
        settleLater(unsettled);
        return false;
    }

    private void settleLater(final LoggedSession unsettled) {
        if (unsettled.isDue()) {
            return;
        }
        LoggedSession told = unsettled;
        if (due.size() >= MAX_DUE && unsettled.credit() == null) {
            if (!unsettled.isEnded()) {
                // It is told with the next that the session writes, or when it ends.
                return;
            }
            final LoggedSession many = unsettled.isTerminal() ? manyTerminals : manyPiped;
            told = unsettled.foldInto(many) ? many : unsettled;
        }
        if (!told.isDue()) {
            told.due(true);
            due.add(told);
        }
    }

    /** A pass of the loop begins: the time that its records get. */
    void startPass() {
        nowMs = wallClock.nanoTime() / NANOS_PER_MILLI;
    }

    /** A pass of the loop is over: what there was no room for is tried again, and the writer woken if it sleeps. */
    void endPass() {
        publishDue();
        releaseGrants();
        if (hasDue() || !holding.isEmpty()) {
            shared.loopWaits();
            // The writer may have made room before it was told that somebody waits for it.
            publishDue();
            releaseGrants();
        }
        if (ring.takePublished()) {
            wakeWriter.run();
        }
        if (policy == ExecLogPolicy.FAIL_CLOSED && shared.failing() && !allCondemned) {
            sessions.forEach(this::condemn);
            allCondemned = true;
        }
    }

    private void releaseGrants() {
        for (int i = holding.size(); i > 0; i--) {
            final LoggedSession held = holding.poll();
            if (held.releaseGrants(credits)) {
                orders.grant(held);
            }
            if (held.holdsBack()) {
                holding.add(held);
            } else {
                held.holding(false);
            }
        }
    }

    private void publishDue() {
        dueMarkers.publishTo(ring);
        while (!due.isEmpty() && (!due.peek().hasLostBytes() || ring.isHalfEmpty()) && due.peek().settle(ring, nowMs)) {
            due.poll().due(false);
        }
    }

    private void condemn(final LoggedSession unrecorded) {
        if (!unrecorded.isCondemned()) {
            unrecorded.condemn();
            condemned.add(unrecorded);
        }
    }

    /**
     * Calls for every session that the relay has to end because its output cannot be recorded; those that cannot be ended now are kept.
     *
     * @param ends ends a session, and says whether it could
     */
    void endCondemned(final Predicate<LoggedSession> ends) {
        for (int i = condemned.size(); i > 0; i--) {
            final LoggedSession unrecorded = condemned.poll();
            if (!ends.test(unrecorded)) {
                condemned.add(unrecorded);
            }
        }
    }

    /** {@return how many sessions the log has yet to be told something of} */
    int dueSessions() {
        return due.size();
    }

    /** {@return whether the log has yet to be told something} */
    boolean hasDue() {
        return !due.isEmpty() || !dueMarkers.isEmpty();
    }

    /** Brings the counters up to date with the writer's. */
    void publishCounts() {
        shared.publish(counters);
    }
}
