package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.protocol.ExecFailed.Kind;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The threads on which programs are started, since starting one blocks until its exec. Orders wait in a queue that the number of sessions
 * bounds; results go to the mailbox.
 *
 * <p>The threads live as long as the spawner: a child belongs to the thread that made it, which {@link OrphanReaper} relies on.
 */
final class Spawner {
    private static final AtomicInteger NEXT_NUMBER = new AtomicInteger();

    private final Posix posix;
    private final ProgramLauncher launcher;
    private final Mailbox mailbox;
    private final ThreadPoolExecutor threads;

    Spawner(final Posix posix, final ProgramLauncher launcher, final Mailbox mailbox, final int threadCount) {
        this.posix = posix;
        this.launcher = launcher;
        this.mailbox = mailbox;
        this.threads = new ThreadPoolExecutor(
            threadCount, threadCount, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Spawner::newThread);
        // All now: later there may be no threads to be had, and nobody to tell.
        threads.prestartAllCoreThreads();
    }

    private static Thread newThread(final Runnable task) {
        return Thread.ofPlatform().name("sluice-spawn-" + NEXT_NUMBER.incrementAndGet()).daemon(true).unstarted(task);
    }

    /**
     * Starts a program on one of the threads.
     *
     * @param order what to start
     * @param onLaunch takes the result, on the loop's thread
     */
    void submit(final ExecOrder order, final Consumer<Launch> onLaunch) {
        threads.execute(() -> start(order, onLaunch));
    }

    private void start(final ExecOrder order, final Consumer<Launch> onLaunch) {
        Launch launch;
        try {
            launch = launcher.launch(order);
        } catch (final RuntimeException e) {
            // A mistake in here must cost its session, not the thread and the session's peace.
            launch = new Launch.Failed(order.serial(), ExecFailures.of(Kind.OTHER, ExecFailures.STAGE_AGENT, "agent error: " + e));
        }
        final Launch result = launch;
        if (!mailbox.offer(() -> onLaunch.accept(result)) && launch instanceof Launch.Started started) {
            started.discard(posix);
        }
    }

    /**
     * Ends the threads; orders that have not begun are forgotten. The mailbox has been closed.
     *
     * @return whether they have ended; one that hangs in the kernel is left behind, and ends its program itself should it ever return
     */
    boolean end() {
        threads.shutdownNow();
        try {
            return threads.awaitTermination(Reaping.PATIENCE_NS, TimeUnit.NANOSECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
