package dev.sluice.client;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** Work that waits, on a virtual thread of its own, with a future for its outcome. */
final class VirtualTask {
    private VirtualTask() {
    }

    /**
     * Starts it. Whoever completes the future, as by cancelling it, interrupts the work.
     *
     * @param name of its thread
     * @param work what to do
     */
    static <T> CompletableFuture<T> start(final String name, final Callable<T> work) {
        final CompletableFuture<T> future = new CompletableFuture<>();
        final Thread thread = Thread.ofVirtual().name(name).unstarted(() -> run(work, future));
        future.whenComplete((value, failure) -> {
            if (Thread.currentThread() != thread) {
                thread.interrupt();
            }
        });
        thread.start();
        return future;
    }

    private static <T> void run(final Callable<T> work, final CompletableFuture<T> future) {
        try {
            future.complete(work.call());
        } catch (final InterruptedException e) {
            // Nobody else knows the thread: the future has been completed already.
            future.completeExceptionally(e);
            Thread.currentThread().interrupt();
        } catch (final Exception e) {
            future.completeExceptionally(e);
        } catch (final Error e) {
            future.completeExceptionally(e);
            throw e;
        }
    }
}
