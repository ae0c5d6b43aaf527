package dev.sluice.client;

import dev.sluice.client.CopyFailedException.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One copying of a file or tree, in either direction: one virtual thread that walks through the source, some that copy files, and the
 * caller's, which waits for them, tells of the progress and ends them all when it is interrupted or the time is over.
 *
 * <p>An entry that cannot be copied is noted and passed over. What makes going on useless, such as the loss of the connection, ends it.
 */
final class CopyJob {
    /** How often the progress is told, in nanoseconds. */
    private static final long PROGRESS_NANOS = 100_000_000;
    /** How long threads that were interrupted are waited for, in nanoseconds. */
    private static final long END_NANOS = 10_000_000_000L;

    private final CopyOptions options;
    private final Semaphore permits;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private final List<Failure> failures = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong directories = new AtomicLong();
    private final AtomicLong links = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong knownBytes = new AtomicLong();
    private volatile String currentName = "";
    private volatile boolean cancelled;
    private int running;
    private long failedCount;
    private long skippedCount;
    private Throwable fatal;

    CopyJob(final CopyOptions options) {
        this.options = options;
        this.permits = new Semaphore(options.concurrency());
    }

    /** Part of the work. */
    @FunctionalInterface
    interface Work {
        /** Does it; what it throws is this entry's failure, or the end of all. */
        void run() throws IOException, InterruptedException;
    }

    CopyOptions options() {
        return options;
    }

    /** Does all of the work, of which the walker begins the rest. */
    CopyResult run(final String name, final Work walker) throws SandboxException, InterruptedException {
        final Deadline deadline = Deadline.after(options.deadline());
        start(name, walker, () -> { });
        try {
            awaitEnd(deadline);
        } finally {
            cancel();
            awaitThreads();
        }
        options.progress().onProgress(status());
        throwFatal();
        final CopyResult result = new CopyResult(status(), skipped);
        if (!failures.isEmpty()) {
            throw new CopyFailedException(result, failures);
        }
        return result;
    }

    /** Has an entry copied as soon as there are fewer at once than there may be. */
    void submit(final String name, final Work work) throws InterruptedException {
        permits.acquire();
        boolean started = false;
        try {
            start(name, work, permits::release);
            started = true;
        } finally {
            if (!started) {
                permits.release();
            }
        }
    }

    /** Tells whether going on is of no use. */
    boolean isCancelled() {
        return cancelled;
    }

    /** Does something for an entry now; a failure is noted. Returns whether there was none. */
    boolean attempt(final String name, final Work work) throws InterruptedException {
        try {
            work.run();
            return true;
        } catch (final ConnectionLostException | DeadlineExceededException | UnsupportedOperationInSandboxException e) {
            fail(e);
        } catch (final IOException | IllegalArgumentException e) {
            note(name, e);
        }
        return false;
    }

    /** Counts an entry that was found. */
    void found(final String name, final long length) throws FileLimitException {
        if (entries.incrementAndGet() > options.maxEntries()) {
            throw new FileLimitException("there are more than " + options.maxEntries() + " entries to copy");
        }
        knownBytes.addAndGet(length);
        currentName = name;
    }

    /** Counts content; throws when that is more than there may be, and when the work is to end. */
    void copied(final int length) throws IOException, InterruptedException {
        if (bytes.addAndGet(length) > options.maxBytes()) {
            throw new FileLimitException("there are more than " + options.maxBytes() + " bytes to copy");
        }
        if (cancelled) {
            throw new InterruptedException("the copying has ended");
        }
    }

    void fileDone() {
        files.incrementAndGet();
    }

    void directoryDone() {
        directories.incrementAndGet();
    }

    void linkDone() {
        links.incrementAndGet();
    }

    /** A special file is passed over. */
    void skip(final String name) {
        lock.lock();
        try {
            skippedCount++;
            if (skipped.size() < CopyResult.MAX_LISTED) {
                skipped.add(name);
            }
        } finally {
            lock.unlock();
        }
    }

    private void note(final String name, final Exception cause) {
        if (cause instanceof FileLimitException) {
            fail(cause);
            return;
        }
        lock.lock();
        try {
            failedCount++;
            if (failures.size() < CopyResult.MAX_LISTED) {
                failures.add(new Failure(name, cause));
            }
        } finally {
            lock.unlock();
        }
    }

    private void fail(final Throwable cause) {
        lock.lock();
        try {
            if (fatal == null) {
                fatal = cause;
            }
        } finally {
            lock.unlock();
        }
        cancel();
    }

    private void start(final String name, final Work work, final Runnable afterwards) {
        final Thread thread = Thread.ofVirtual().name("sluice-copy").unstarted(() -> {
            try {
                attempt(name, work);
            } catch (final InterruptedException e) {
                // Only whoever ends all of it interrupts.
                cancel();
            } catch (final RuntimeException | Error e) {
                fail(e);
            } finally {
                threads.remove(Thread.currentThread());
                afterwards.run();
                onEnded();
            }
        });
        threads.add(thread);
        lock.lock();
        try {
            running++;
        } finally {
            lock.unlock();
        }
        thread.start();
        if (cancelled) {
            thread.interrupt();
        }
    }

    private void onEnded() {
        lock.lock();
        try {
            running--;
            if (running == 0) {
                ended.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void cancel() {
        cancelled = true;
        threads.forEach(Thread::interrupt);
    }

    private void awaitEnd(final Deadline deadline) throws SandboxException, InterruptedException {
        CopyStatus told = null;
        boolean over = false;
        while (!over) {
            lock.lockInterruptibly();
            try {
                if (running > 0) {
                    if (deadline.remainingNanos() <= 0) {
                        deadline.await(ended, "everything to be copied", Outcome.STARTED);
                    }
                    ended.awaitNanos(Math.min(PROGRESS_NANOS, deadline.remainingNanos()));
                }
                over = running == 0;
            } finally {
                lock.unlock();
            }
            final CopyStatus status = status();
            if (!over && !status.equals(told)) {
                options.progress().onProgress(status);
                told = status;
            }
        }
    }

    /** Interrupted threads end at once, but for what the host's file system takes: one that hangs is left behind. */
    private void awaitThreads() {
        lock.lock();
        try {
            final long begin = System.nanoTime();
            long left = END_NANOS;
            boolean interrupted = false;
            while (running > 0 && left > 0) {
                try {
                    ended.awaitNanos(left);
                } catch (final InterruptedException e) {
                    interrupted = true;
                }
                left = END_NANOS - (System.nanoTime() - begin);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    private CopyStatus status() {
        lock.lock();
        try {
            return new CopyStatus(
                files.get(), directories.get(), links.get(), skippedCount, failedCount, bytes.get(), knownBytes.get(), currentName);
        } finally {
            lock.unlock();
        }
    }

    private void throwFatal() throws SandboxException {
        switch (fatal) {
            case null -> { }
            case SandboxException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(fatal);
        }
    }
}
