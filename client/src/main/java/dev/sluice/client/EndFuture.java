package dev.sluice.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A future that many share, so that none of them may complete it: all that would is without effect, or has it on a copy. Asynchronous
 * dependents run on virtual threads.
 */
final class EndFuture extends CompletableFuture<Void> {
    /** Completes it; dependents run on this thread. */
    void end() {
        super.complete(null);
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }

    @Override
    public Executor defaultExecutor() {
        return Thread::startVirtualThread;
    }

    @Override
    public boolean complete(final Void value) {
        return false;
    }

    @Override
    public boolean completeExceptionally(final Throwable failure) {
        return false;
    }

    @Override
    public boolean cancel(final boolean mayInterruptIfRunning) {
        return false;
    }

    @Override
    public void obtrudeValue(final Void value) {
        throw new UnsupportedOperationException("the end of a connection is not to be made up");
    }

    @Override
    public void obtrudeException(final Throwable failure) {
        throw new UnsupportedOperationException("the end of a connection is not to be made up");
    }

    @Override
    public CompletableFuture<Void> completeAsync(final Supplier<? extends Void> supplier, final Executor executor) {
        return copy().completeAsync(supplier, executor);
    }

    @Override
    public CompletableFuture<Void> orTimeout(final long timeout, final TimeUnit unit) {
        return copy().orTimeout(timeout, unit);
    }

    @Override
    public CompletableFuture<Void> completeOnTimeout(final Void value, final long timeout, final TimeUnit unit) {
        return copy().completeOnTimeout(value, timeout, unit);
    }
}
