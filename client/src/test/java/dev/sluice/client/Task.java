package dev.sluice.client;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Something a test does on another thread, whose outcome it then looks at. */
final class Task<T> {
    private final FutureTask<T> future;
    private final Thread thread;

    private Task(final Callable<T> work, final boolean virtual) {
        future = new FutureTask<>(work);
        thread = virtual ? Thread.ofVirtual().start(future) : Thread.ofPlatform().name("task").start(future);
    }

    static <T> Task<T> start(final Callable<T> work) {
        return new Task<>(work, false);
    }

    static <T> Task<T> startVirtual(final Callable<T> work) {
        return new Task<>(work, true);
    }

    T get() throws Exception {
        try {
            return future.get(ScriptedRelay.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (final ExecutionException e) {
            throw e.getCause() instanceof Exception ? (Exception) e.getCause() : e;
        }
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Returns when the thread waits for something. */
    void awaitWaiting() throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    boolean isDone() {
        return future.isDone();
    }
}
