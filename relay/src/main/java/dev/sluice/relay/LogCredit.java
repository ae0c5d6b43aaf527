package dev.sluice.relay;

import dev.sluice.execlog.LogSource;

/**
 * How much of one session's output may be on its way to the log: the arithmetic of back-pressure. Both streams of the session, standard
 * output and error, are counted apart; all figures are bytes on the wire since the session began.
 *
 * <pre>
 *   W  first window, as the request announced it
 *   R  room that the ring keeps for a stream, at least W
 *   C  granted by the client so far, W included
 *   F  forwarded to the guest of that, W included: F &lt;= C and F &lt;= L + R
 *   S  seen from the guest; one that keeps its promises stays at S &lt;= F
 *   L  accounted for by the log: recorded, or counted as lost; S - L is in the ring, and never more than R
 * </pre>
 *
 * <p>So the ring needs room for 2 R a session, whatever the client grants. Pure state. One owner thread.
 */
final class LogCredit {
    static final int STREAMS = 2;
    /** Sums of grants stop growing here. */
    private static final long MOST = Long.MAX_VALUE / 4;
    private static final int SMALLEST_PART = 4;

    private final int slot;
    private final long room;
    private final long[] base = new long[STREAMS];
    private final long[] granted = new long[STREAMS];
    private final long[] forwarded = new long[STREAMS];
    private final long[] seen = new long[STREAMS];

    /**
     * @param slot where the log accounts for this session
     * @param window W, above 0
     * @param room R, at least W
     * @param firstBase what was accounted for in that slot before, of the first stream
     * @param secondBase the same of the second
     */
    LogCredit(final int slot, final long window, final long room, final long firstBase, final long secondBase) {
        assert room >= window;
        this.slot = slot;
        this.room = room;
        base[0] = firstBase;
        base[1] = secondBase;
        for (int stream = 0; stream < STREAMS; stream++) {
            granted[stream] = window;
            forwarded[stream] = window;
        }
    }

    /** {@return where a source is accounted for} */
    static int stream(final int slot, final int source) {
        return STREAMS * slot + streamOf(source);
    }

    /** {@return 1 for standard error, 0 for everything else} */
    static int streamOf(final int source) {
        return source == LogSource.STDERR.ordinal() ? 1 : 0;
    }

    int slot() {
        return slot;
    }

    /** {@return how much of the ring a session may fill whose streams have this room} */
    static long reserved(final long room) {
        // A record takes less than its frame, but for frames of several records.
        final long records = room / ExecLogRecord.MAX_DATA + 1;
        return STREAMS * (room + records * ExecLogRing.MAX_OVERHEAD);
    }

    long reserved() {
        return reserved(room);
    }

    /** The client grants more. */
    void grant(final int stream, final long bytes) {
        granted[stream] = Math.min(MOST, granted[stream] + bytes);
    }

    /**
     * Tells how much more the guest may be granted now, and takes note that it is.
     *
     * @param accounted what the log has accounted for in this stream's place
     */
    long release(final int stream, final long accounted) {
        final long target = Math.min(granted[stream], accounted - base[stream] + room);
        final long more = target - forwarded[stream];
        // Not in small coin: a quarter of the room at least, or all there is. The log catches up, so one of the two comes.
        if (more <= 0 || target < granted[stream] && more < room / SMALLEST_PART) {
            return 0;
        }
        forwarded[stream] += more;
        return more;
    }

    /** The log is dead: everything that the client has granted is forwarded. @return how much that is */
    long releaseAll(final int stream) {
        final long more = granted[stream] - forwarded[stream];
        forwarded[stream] = granted[stream];
        return more;
    }

    /** {@return whether grants of the client wait for the log} */
    boolean holdsBack(final int stream) {
        return granted[stream] > forwarded[stream];
    }

    /** {@return whether bytes of the guest are within what the ring keeps for this session; more than that is a guest's own doing} */
    boolean hasRoom(final int stream, final long bytes, final long accounted) {
        return seen[stream] + bytes - (accounted - base[stream]) <= room;
    }

    /** Bytes of the guest go into the ring. */
    void seen(final int stream, final long bytes) {
        seen[stream] += bytes;
    }

    /** {@return whether everything that was seen is accounted for: the slot may be another's} */
    boolean isSettled(final int stream, final long accounted) {
        return seen[stream] == accounted - base[stream];
    }
}
