package dev.sluice.agent;

/**
 * Time that stands still while the port takes nothing: whoever is given time to produce output is not charged for that.
 *
 * <p>Pure state. One owner thread.
 */
final class FlowClock {
    private long lastNs;
    private long stoodStillNs;
    private boolean standing;

    /** @return the present time on this clock, as of the last {@link #advance} */
    long nowNs() {
        return lastNs - stoodStillNs;
    }

    /**
     * Goes on.
     *
     * @param realNs monotonic time
     * @param blocked whether the port takes nothing, from now until the next call
     */
    void advance(final long realNs, final boolean blocked) {
        if (standing) {
            stoodStillNs += realNs - lastNs;
        }
        lastNs = realNs;
        standing = blocked;
    }
}
