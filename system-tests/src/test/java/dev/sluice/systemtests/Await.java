package dev.sluice.systemtests;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what nobody announces: the state of other processes, as /proc has it. */
final class Await {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private Await() {
    }

    /** A question that may be asked again and again. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Returns as soon as the condition holds; fails with the description when it does not in time. */
    static void until(final Supplier<String> description, final Duration limit, final Condition condition) throws Exception {
        final long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("not within " + limit.toMillis() + " ms: " + description.get());
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("while waiting: " + description.get());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
