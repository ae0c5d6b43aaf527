package dev.sluice.relay;

/**
 * When a relay has served for long enough, or for nobody.
 *
 * <p>Pure state. One owner thread.
 */
final class LifetimeLimits {
    private final long idleTimeoutNs;
    private final long maxDurationNs;
    private final RangeTable ranges;
    private final Upstream upstream;
    private long startedNs;
    private long usedNs;
    private boolean inUse;

    LifetimeLimits(final RelayContext context, final RangeTable ranges, final Upstream upstream) {
        idleTimeoutNs = context.limit(RelayLimit.IDLE_TIMEOUT);
        maxDurationNs = context.limit(RelayLimit.MAX_DURATION);
        this.ranges = ranges;
        this.upstream = upstream;
    }

    void start(final long nowNs) {
        startedNs = nowNs;
        usedNs = nowNs;
    }

    /**
     * Looks whether the end has come; to be called whenever something has happened. A guest that is not ready cannot be used, and one
     * that is slow to take what clients have for it is in use, so neither is counted as idle.
     *
     * @return why, or null while it has not
     */
    RelayOutcome over(final boolean guestReady, final long nowNs) {
        if (maxDurationNs > 0 && nowNs - startedNs >= maxDurationNs) {
            return RelayOutcome.MAX_DURATION;
        }
        final boolean inUseBefore = inUse;
        inUse = !guestReady || ranges.sessionsOpen() > 0 || !upstream.isIdle();
        if (inUse || inUseBefore) {
            usedNs = nowNs;
        } else if (upstream.clientActivityNs() - usedNs > 0) {
            usedNs = upstream.clientActivityNs();
        }
        return idleTimeoutNs > 0 && nowNs - usedNs >= idleTimeoutNs ? RelayOutcome.IDLE_TIMEOUT : null;
    }

    /** {@return nanoseconds until {@link #over} is worth a look by the clock alone, or {@link Long#MAX_VALUE}} */
    long nextLookIn(final long nowNs) {
        final long durationLeft = maxDurationNs > 0 ? startedNs + maxDurationNs - nowNs : Long.MAX_VALUE;
        final long idleLeft = idleTimeoutNs > 0 && !inUse ? usedNs + idleTimeoutNs - nowNs : Long.MAX_VALUE;
        return Math.max(0, Math.min(durationLeft, idleLeft));
    }
}
