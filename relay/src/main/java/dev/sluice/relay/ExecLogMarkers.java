package dev.sluice.relay;

/**
 * Starts and stops of guests that the ring had no room for. Bounded, as {@link ExecLogBacklog} is: beyond
 * {@link ExecLogBacklog#MAX_MARKERS} of them all but the first and the very last are a count.
 *
 * <p>Pure state. One owner thread. No allocation after construction.
 */
final class ExecLogMarkers {
    private static final int NONE = 0;
    private static final int WHAT = ExecLogRecord.what(0, ExecLogRecord.NO_SLOT);

    private final int[] types = new int[ExecLogBacklog.MAX_MARKERS];
    private final long[] times = new long[ExecLogBacklog.MAX_MARKERS];
    private int first;
    private int size;
    /** Behind those: how many are a count, since when, and the last. */
    private long leftOut;
    private long leftOutMs;
    private int lastType = NONE;
    private long lastMs;

    boolean isEmpty() {
        return size == 0 && leftOut == 0 && lastType == NONE;
    }

    /** A guest has become ready, or is gone. @param type of the record that says so */
    void add(final int type, final long epochMs) {
        if (size < types.length && lastType == NONE) {
            final int at = (first + size++) % types.length;
            types[at] = type;
            times[at] = epochMs;
            return;
        }
        if (lastType != NONE && leftOut++ == 0) {
            leftOutMs = lastMs;
        }
        lastType = type;
        lastMs = epochMs;
    }

    /** Hands over as many as there is room for, in their order. */
    void publishTo(final ExecLogRing ring) {
        while (size > 0 && ring.publish(types[first], 0, times[first], WHAT)) {
            first = (first + 1) % types.length;
            size--;
        }
        if (size == 0 && leftOut > 0 && ring.publishGap(ExecLogRecord.LEFT_OUT, 0, leftOutMs, WHAT, leftOut, 0)) {
            leftOut = 0;
        }
        if (size == 0 && leftOut == 0 && lastType != NONE && ring.publish(lastType, 0, lastMs, WHAT)) {
            lastType = NONE;
        }
    }
}
