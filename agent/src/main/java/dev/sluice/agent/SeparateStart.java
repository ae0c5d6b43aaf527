package dev.sluice.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs a {@link ProgramStart} on a thread that then ends: identity belongs to a thread in Linux, and what has been given up does not come
 * back.
 *
 * <p>The thread stays until its child has been claimed: then it belongs to the process's first thread, like an orphan, and whoever reaps
 * orphans has to know that it is none. While the thread is somebody else, a process of that user may signal it, and so end the agent; but
 * in PID 1 of a guest, whom the kernel does not let be killed.
 *
 * <p>Nothing must be loaded or opened by the virtual machine on that thread while it is somebody else. So what it runs has been run before,
 * by {@link StartRehearsal}.
 */
final class SeparateStart implements AutoCloseable {
    private static final Path OWN_THREAD = Path.of("/proc/thread-self");
    /** Much longer than it takes to claim a child; then the thread ends anyway. */
    private static final long CLAIM_LIMIT_S = 60;

    private final ProgramStart start;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch claimed = new CountDownLatch(1);
    private final Thread thread;
    private volatile Path children;
    private Throwable failure;

    SeparateStart(final ProgramStart start, final String name) {
        this.start = start;
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    }

    /** Starts the thread. */
    void begin() {
        thread.start();
    }

    private void run() {
        try {
            children = ownChildren();
            start.run();
        } catch (final Throwable e) {
            failure = e;
        } finally {
            ended.countDown();
        }
        try {
            claimed.await(CLAIM_LIMIT_S, TimeUnit.SECONDS);
        } catch (final InterruptedException e) {
            // It is about to end.
            Thread.currentThread().interrupt();
        }
    }

    private static Path ownChildren() {
        try {
            return Path.of("/proc").resolve(Files.readSymbolicLink(OWN_THREAD)).resolve("children");
        } catch (final IOException e) {
            // Then its child is found in another way.
            return null;
        }
    }

    /** @return the file that lists the children of the thread, or null when there is none or the thread has not begun */
    Path children() {
        return children;
    }

    /**
     * Waits for the exec.
     *
     * @param limitNs how long, in nanoseconds
     * @return whether it has come to it, or failed to
     * @throws InterruptedException if this thread has been interrupted
     */
    boolean await(final long limitNs) throws InterruptedException {
        if (!ended.await(limitNs, TimeUnit.NANOSECONDS)) {
            return false;
        }
        if (failure != null) {
            throw new IllegalStateException("a start failed in an unexpected way", failure);
        }
        return true;
    }

    /** The child, if there is one, has been claimed. */
    @Override
    public void close() {
        claimed.countDown();
    }
}
