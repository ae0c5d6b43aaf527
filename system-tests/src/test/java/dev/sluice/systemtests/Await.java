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

    /** Something that may not be there yet. */
    @FunctionalInterface
    interface Attempt<T> {
        T make() throws Exception;
    }

    /** Tries until it works: who listens at a socket is known by connecting to it. Fails with the last failure of this kind. */
    static <T> T success(final Class<? extends Exception> kind, final Duration limit, final Attempt<T> attempt) throws Exception {
        final long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return attempt.make();
            } catch (final Exception e) {
                if (!kind.isInstance(e) || System.nanoTime() - deadline >= 0) {
                    throw e;
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
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
