package dev.sluice.agent;

/**
 * How long a session has waited for pipes that stay open after its program's end. The time stands still while it is the reader of the
 * output who is waited for, not the pipes.
 *
 * <p>Pure state: the caller has the clock. One owner thread.
 */
final class DrainTimer {
    private static final long NOT_RUNNING = Long.MIN_VALUE;

    private final long limitNs;
    private long usedNs;
    private long runningSinceNs = NOT_RUNNING;

    /**
     * A timer that does not run yet.
     *
     * @param limitNs how long it may run in sum, in nanoseconds
     */
    DrainTimer(final long limitNs) {
        this.limitNs = limitNs;
    }

    /** Starts or goes on; without effect while it runs. */
    void run(final long nowNs) {
        if (runningSinceNs == NOT_RUNNING) {
            runningSinceNs = nowNs;
        }
    }

    /** Stands still; without effect while it does. */
    void pause(final long nowNs) {
        if (runningSinceNs != NOT_RUNNING) {
            usedNs += nowNs - runningSinceNs;
            runningSinceNs = NOT_RUNNING;
        }
    }

    /** @return nanoseconds until the limit, 0 when it has been reached; {@link Long#MAX_VALUE} while the timer stands still below it */
    long remainingNs(final long nowNs) {
        final boolean running = runningSinceNs != NOT_RUNNING;
        final long used = usedNs + (running ? nowNs - runningSinceNs : 0);
        if (used >= limitNs) {
            return 0;
        }
        return running ? limitNs - used : Long.MAX_VALUE;
    }
}
