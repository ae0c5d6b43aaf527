package dev.sluice.agent;

/**
 * Watches a program whose input has to be written before the port is read on: whether any of it is being written at all.
 *
 * <p>Pure state: the caller has the clock. One owner thread.
 */
final class StallWatch {
    private final long limitNs;
    private ExecProcess watched;
    private long queued;
    private long sinceNs;

    /**
     * Watches nobody yet.
     *
     * @param limitNs how long nothing may be written, in nanoseconds
     */
    StallWatch(final long limitNs) {
        this.limitNs = limitNs;
    }

    /**
     * Looks.
     *
     * @param process that is waited for, or null
     * @param nowNs the time
     * @return whether the waiting begins with this call
     */
    boolean watch(final ExecProcess process, final long nowNs) {
        final boolean begins = process != null && process != watched;
        if (process != null && (begins || process.session().stdinQueued() != queued)) {
            queued = process.session().stdinQueued();
            sinceNs = nowNs;
        }
        watched = process;
        return begins;
    }

    /**
     * @return nanoseconds until nothing has been written for too long, 0 when that is so; {@link Long#MAX_VALUE} when nobody is waited for
     */
    long remainingNs(final long nowNs) {
        return watched == null ? Long.MAX_VALUE : Math.max(0, limitNs - (nowNs - sinceNs));
    }
}
