package dev.sluice.relay;

/**
 * Tells a guest that reads nothing from one that reads little. A port becomes writable only when most of what waits at it is gone, so what
 * waits is looked at {@value #LOOKS} times between the last known progress and the deadline.
 *
 * <p>Pure state. One owner thread.
 */
final class GuestStallWatch {
    /** What a look has found. */
    enum Finding { NOTHING_YET, PROGRESS, STALLED }

    private static final int LOOKS = 4;

    private final long deadlineNs;
    /** The progress that {@link #looks} were taken since. */
    private long sinceNs;
    private int looks;
    private int unread;

    GuestStallWatch(final long deadlineNs) {
        this.deadlineNs = deadlineNs;
    }

    /** {@return nanoseconds until {@link #look} is due, below 0 when it is overdue} */
    long dueIn(final long progressNs, final long nowNs) {
        final int next = (sinceNs == progressNs ? looks : 0) + 1;
        return progressNs + deadlineNs / LOOKS * next - nowNs;
    }

    /**
     * Looks at a guest that could take nothing since its last known progress.
     *
     * @param progressNs when that was
     * @param unreadNow bytes that wait for it now
     */
    Finding look(final long progressNs, final int unreadNow) {
        if (sinceNs != progressNs) {
            sinceNs = progressNs;
            looks = 0;
        }
        if (looks > 0 && unreadNow < unread) {
            return Finding.PROGRESS;
        }
        unread = unreadNow;
        looks++;
        return looks < LOOKS ? Finding.NOTHING_YET : Finding.STALLED;
    }
}
