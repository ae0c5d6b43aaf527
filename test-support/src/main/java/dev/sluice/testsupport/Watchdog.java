package dev.sluice.testsupport;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Watches one method call. When the limit has passed: dump all threads, interrupt the caller. When the grace has passed as well:
 * dump again, halt the JVM. All of it happens on a thread of its own, so it works however stuck the test is.
 */
final class Watchdog {
    /** How long an interrupted method has to end before the JVM is halted, in seconds; a system property of this name overrides. */
    static final String GRACE_PROPERTY = "sluice.test.graceSeconds";
    /** The exit status of a JVM that was halted, as {@code timeout(1)} has it. */
    static final int HALTED = 124;

    private static final long DEFAULT_GRACE_SECONDS = 10;
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(runnable -> {
        final Thread thread = new Thread(runnable, "sluice-test-watchdog");
        thread.setDaemon(true);
        return thread;
    });

    private final Thread watched = Thread.currentThread();
    private final String name;
    private final Duration limit;
    private ScheduledFuture<?> next;
    private boolean expired;
    private boolean finished;

    private Watchdog(final String name, final Duration limit) {
        this.name = name;
        this.limit = limit;
    }

    /** A call that may throw anything, as a test method does. */
    @FunctionalInterface
    interface Call<T> {
        T proceed() throws Throwable;
    }

    /** Starts the thread, so that it is there before anything is counted. */
    static void warmUp() throws Exception {
        final Future<?> started = TIMER.submit(() -> { });
        started.get(DEFAULT_GRACE_SECONDS, TimeUnit.SECONDS);
    }

    static <T> T run(final Call<T> call, final String name, final Duration limit) throws Throwable {
        final Watchdog watchdog = new Watchdog(name, limit);
        watchdog.arm();
        Throwable failure = null;
        try {
            return call.proceed();
        } catch (final Throwable t) {
            failure = t;
            throw t;
        } finally {
            if (watchdog.disarm()) {
                // The interrupt was ours and has done its work. What the method did with it does not matter: it was too late.
                throw watchdog.overrun(failure);
            }
        }
    }

    private synchronized void arm() {
        next = TIMER.schedule(this::expire, limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized boolean disarm() {
        finished = true;
        next.cancel(false);
        if (expired) {
            Thread.interrupted();
        }
        return expired;
    }

    private AssertionError overrun(final Throwable failure) {
        final String message = name + " ran past its limit of " + limit.toSeconds() + " s; all threads are in the test's standard error";
        return new AssertionError(message, failure);
    }

    private void expire() {
        final String dump = "=== " + name + " has run for " + limit.toSeconds() + " s\n" + ThreadDump.take();
        synchronized (this) {
            if (finished) {
                return;
            }
            expired = true;
        }
        // Before the interrupt: the method's end may be the end of the stream that its output is captured from.
        System.err.println(dump);
        synchronized (this) {
            if (!finished) {
                next = TIMER.schedule(this::halt, graceSeconds(), TimeUnit.SECONDS);
                watched.interrupt();
            }
        }
    }

    private void halt() {
        final String dump = "=== " + name + " did not end when interrupted; halting the JVM\n" + ThreadDump.take();
        synchronized (this) {
            if (finished) {
                return;
            }
        }
        // System.err may be a pipe to a test runner that this JVM will not live to flush: the descriptor itself as well.
        try (FileOutputStream raw = new FileOutputStream(FileDescriptor.err)) {
            raw.write(dump.getBytes(StandardCharsets.UTF_8));
        } catch (final IOException e) {
            System.err.println(dump);
        }
        Runtime.getRuntime().halt(HALTED);
    }

    private static long graceSeconds() {
        return Long.getLong(GRACE_PROPERTY, DEFAULT_GRACE_SECONDS);
    }
}
