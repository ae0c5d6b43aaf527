package dev.sluice.agent;

/**
 * Watches somebody whose input has to be taken before the port is read on: whether any of it is being taken at all.
 *
 * <p>Pure state: the caller has the clock. One owner thread.
 */
final class StallWatch {
    private InputSink watched;
    private long queued;
    private long sinceNs;

    /**
     * Looks.
     *
     * @param sink that is waited for, or null
     * @param nowNs the time
     * @return whether the waiting begins with this call
     */
    boolean watch(final InputSink sink, final long nowNs) {
        final boolean begins = sink != null && sink != watched;
        if (sink != null && (begins || sink.queuedInput() != queued)) {
            queued = sink.queuedInput();
            sinceNs = nowNs;
        }
        watched = sink;
        return begins;
    }

    /**
     * @return nanoseconds until nothing has been taken for too long, 0 when that is so; {@link Long#MAX_VALUE} when nobody is waited for
     */
    long remainingNs(final long nowNs) {
        return watched == null ? Long.MAX_VALUE : Math.max(0, watched.stallLimitNs() - (nowNs - sinceNs));
    }
}
