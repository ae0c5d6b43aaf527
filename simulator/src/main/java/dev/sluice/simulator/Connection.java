package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimSocket;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** One connection of one client, and what the oracle knows about it. */
final class Connection {
    private final int serial;
    private final ClientKind kind;
    private final SimSocket socket;
    private final Map<Integer, Session> sessions = new LinkedHashMap<>();
    /** What the guest has sent to it and it has not received whole, in order. */
    private final ArrayDeque<Frame> expected = new ArrayDeque<>();
    private int sessionsOpen;
    private long expectedBytes;
    private int sentWhole;
    private int arrived;
    private boolean endedByRelay;
    private int range = IdRanges.NOBODY;
    private Epoch epoch;
    private boolean over;
    private boolean closedByRelay;
    private boolean violated;
    private boolean unfinished;
    private boolean cut;
    private long overNs;

    Connection(final int serial, final ClientKind kind, final SimSocket socket) {
        this.serial = serial;
        this.kind = kind;
        this.socket = socket;
    }

    boolean isFirst() {
        return serial == 1;
    }

    ClientKind kind() {
        return kind;
    }

    SimSocket socket() {
        return socket;
    }

    Map<Integer, Session> sessions() {
        return sessions;
    }

    void opened(final Session session) {
        if (sessions.put(session.id(), session) == null) {
            sessionsOpen++;
        }
    }

    void sessionEnded() {
        sessionsOpen--;
    }

    /** @return sessions that have not ended as far as their client has seen */
    int sessionsOpen() {
        return sessionsOpen;
    }

    /** @return the sum of the windows of sessions that have not ended, in bytes */
    int windowsOpen() {
        int sum = 0;
        for (final Session session : sessions.values()) {
            sum += session.terminalsSeen() == 0 ? session.window() : 0;
        }
        return sum;
    }

    int range() {
        return range;
    }

    /** @return the agent whose core.ready was in the handshake, null before */
    Epoch epoch() {
        return epoch;
    }

    boolean greeted() {
        return epoch != null;
    }

    void greeted(final int newRange, final Epoch newEpoch) {
        range = newRange;
        epoch = newEpoch;
    }

    void expect(final Frame frame) {
        expected.add(frame);
        expectedBytes += frame.wire().length;
    }

    /** @return the next frame that may come, or null */
    Frame expected() {
        return expected.peek();
    }

    /** @return whether a frame is one of those that may come, sooner or later */
    boolean expects(final byte[] wire) {
        for (final Frame frame : expected) {
            if (Arrays.equals(frame.wire(), wire)) {
                return true;
            }
        }
        return false;
    }

    /** Frames of a session will not come: the relay has ended it. */
    void expectNoMoreOf(final Session session) {
        expected.removeIf(frame -> {
            final boolean gone = frame.session() == session;
            expectedBytes -= gone ? frame.wire().length : 0;
            return gone;
        });
        endedByRelay = true;
    }

    void expectedCame() {
        expectedBytes -= expected.poll().wire().length;
        arrived++;
    }

    /** The guest has put the last byte of a frame into its port. */
    void sentWhole() {
        sentWhole++;
    }

    /** @return how many frames the guest sent whole and the client has not received whole; 0 once the relay has left some out */
    int missing() {
        return endedByRelay ? 0 : Math.max(0, sentWhole - arrived);
    }

    int expectedCount() {
        return expected.size();
    }

    long expectedBytes() {
        return expectedBytes;
    }

    /** @return whether it has ended, whoever ended it */
    boolean isOver() {
        return over;
    }

    long overNs() {
        return overNs;
    }

    void end(final boolean byRelay, final long nowNs) {
        over = true;
        closedByRelay = byRelay;
        overNs = nowNs;
    }

    boolean closedByRelay() {
        return closedByRelay;
    }

    /** @return whether the client has broken a rule, so that the relay has to end it */
    boolean violated() {
        return violated;
    }

    void violate() {
        violated = true;
    }

    /** @return whether the client has begun a frame that it will not go on with */
    boolean unfinished() {
        return unfinished;
    }

    void leaveUnfinished() {
        unfinished = true;
    }

    /** @return whether frames it handed over were found missing, so that none may come any more */
    boolean isCut() {
        return cut;
    }

    void cut() {
        cut = true;
    }

    @Override
    public String toString() {
        return "client " + serial + " (" + kind + (range == IdRanges.NOBODY ? "" : ", range " + range) + ")";
    }
}
