package dev.sluice.relay;

/**
 * When a relay has served for long enough, or for nobody.
 *
 * <p>Pure state. One owner thread.
 */
final class LifetimeLimits {
    /** How often it is looked whether sessions are open; their ends are not noted. */
    private static final long LOOK_NS = 1_000_000_000;

    private final long idleTimeoutNs;
    private final long maxDurationNs;
    private final RangeTable ranges;
    private final Upstream upstream;
    private long startedNs;
    private long usedNs;
    private long lookedNs;

    LifetimeLimits(final RelayContext context, final RangeTable ranges, final Upstream upstream) {
        idleTimeoutNs = context.limit(RelayLimit.IDLE_TIMEOUT);
        maxDurationNs = context.limit(RelayLimit.MAX_DURATION);
        this.ranges = ranges;
        this.upstream = upstream;
    }

    void start(final long nowNs) {
        startedNs = nowNs;
        usedNs = nowNs;
        lookedNs = nowNs;
    }

    /**
     * Looks whether the end has come. A guest that is not ready cannot be used, and one that is slow to take what clients have
     * for it is in use, so neither is counted as idle.
     *
     * @return why, or null while it has not
     */
    RelayOutcome over(final boolean guestReady, final long nowNs) {
        if (maxDurationNs > 0 && nowNs - startedNs >= maxDurationNs) {
            return RelayOutcome.MAX_DURATION;
        }
        if (idleTimeoutNs == 0 || nowNs - lookedNs < LOOK_NS && nowNs - usedNs < idleTimeoutNs) {
            return null;
        }
        lookedNs = nowNs;
        if (!guestReady || ranges.openSessions() > 0 || !upstream.isIdle()) {
            usedNs = nowNs;
        } else if (upstream.clientActivityNs() - usedNs > 0) {
            usedNs = upstream.clientActivityNs();
        }
        return nowNs - usedNs >= idleTimeoutNs ? RelayOutcome.IDLE_TIMEOUT : null;
    }

    /** {@return nanoseconds until {@link #over} is worth a look by the clock alone, or {@link Long#MAX_VALUE}} */
    long nextLookIn(final long nowNs) {
        final long durationLeft = maxDurationNs > 0 ? startedNs + maxDurationNs - nowNs : Long.MAX_VALUE;
        final long idleLeft = idleTimeoutNs > 0
            ? Math.min(usedNs + idleTimeoutNs, lookedNs + LOOK_NS) - nowNs
            : Long.MAX_VALUE;
        return Math.max(0, Math.min(durationLeft, idleLeft));
    }
}
