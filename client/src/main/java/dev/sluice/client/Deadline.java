package dev.sluice.client;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/** A moment on the monotonic clock by which something must have happened. Immutable. */
final class Deadline {
    /** Nothing waits longer than this, about 146 years: the far end of the clock's range, with room to add. */
    private static final long NEVER_NANOS = Long.MAX_VALUE / 2;
    /** What is waited for without a limit. */
    static final Duration UNLIMITED = Duration.ofNanos(NEVER_NANOS);

    private final long begin;
    private final long nanos;

    private Deadline(final long nanos) {
        this.begin = System.nanoTime();
        this.nanos = nanos;
    }

    /** A deadline so far from now; a negative time counts as none, one that is too long as unlimited. */
    static Deadline after(final Duration time) {
        return new Deadline(Math.clamp(TimeUnit.NANOSECONDS.convert(time), 0, NEVER_NANOS));
    }

    /** The earlier of this and another. */
    Deadline orEarlier(final Deadline other) {
        return other.remainingNanos() < remainingNanos() ? other : this;
    }

    /** Nanoseconds that are left, 0 or less when it has passed. */
    long remainingNanos() {
        return nanos - (System.nanoTime() - begin);
    }

    /**
     * Waits for a condition once, or says what was too slow. The caller holds the condition's lock and looks again afterwards.
     *
     * @param condition what to wait for
     * @param waitedFor is put into the exception: "waiting for ..."
     * @param outcome   likewise: what is known of what was asked for when nothing more comes
     */
    void await(final Condition condition, final String waitedFor, final Outcome outcome)
        throws InterruptedException, DeadlineExceededException {
        final long remaining = remainingNanos();
        if (remaining <= 0) {
            throw exceeded(waitedFor, outcome);
        }
        condition.awaitNanos(remaining);
    }

    /** What to throw when it has passed. */
    DeadlineExceededException exceeded(final String waitedFor, final Outcome outcome) {
        return new DeadlineExceededException("deadline of " + Duration.ofNanos(nanos) + " exceeded: waiting for " + waitedFor, outcome);
    }
}
