package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.protocol.ExecFailed.Kind;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The threads on which programs are started, since starting one blocks until its exec. Orders wait in a queue that the number of sessions
 * and {@link #MAX_ORDER_BYTES} bound; results go to the mailbox.
 *
 * <p>The threads live as long as the spawner: a child belongs to the thread that made it, which {@link OrphanReaper} relies on. One whose
 * start has been given up hangs, on a file system that does not answer: another takes its place until it comes back.
 */
final class Spawner implements ProgramStarter {
    /** Threads that hang and are replaced, at most; beyond that orders wait until they are given up, too. */
    static final int MAX_HANGING = 64;

    /** Bytes of the orders that wait or run, at most; one alone may be larger. */
    static final long MAX_ORDER_BYTES = 32L * 1024 * 1024;

    private static final AtomicInteger NEXT_NUMBER = new AtomicInteger();

    private final Posix posix;
    private final ProgramLauncher launcher;
    private final Mailbox mailbox;
    private final Unclaimed unclaimed;
    private final int threadCount;
    private final LinkedBlockingQueue<Runnable> orders = new LinkedBlockingQueue<>();
    private final ThreadPoolExecutor threads;
    private final Set<Long> waiting = new HashSet<>();
    private final Set<Long> running = new HashSet<>();
    private final Set<Long> hanging = new HashSet<>();
    private long orderBytes;

    /**
     * Starts the threads.
     *
     * @param posix the calls
     * @param launcher what they run
     * @param mailbox where results go
     * @param unclaimed programs that are on their way there, noted by the launcher
     * @param threadCount how many there are
     */
    Spawner(
        final Posix posix, final ProgramLauncher launcher, final Mailbox mailbox, final Unclaimed unclaimed, final int threadCount) {
        this.posix = posix;
        this.launcher = launcher;
        this.mailbox = mailbox;
        this.unclaimed = unclaimed;
        this.threadCount = threadCount;
        this.threads = new ThreadPoolExecutor(
            threadCount, threadCount + MAX_HANGING, 0, TimeUnit.SECONDS, orders, Spawner::newThread);
        // All now: later there may be no threads to be had, and nobody to tell.
        threads.prestartAllCoreThreads();
    }

    private static Thread newThread(final Runnable task) {
        return Thread.ofPlatform().name("sluice-spawn-" + NEXT_NUMBER.incrementAndGet()).daemon(true).unstarted(task);
    }

    @Override
    public void submit(final ExecOrder order, final Consumer<Launch> onLaunch) {
        final long size = order.size();
        if (!reserve(order.serial(), size)) {
            onLaunch.accept(new Launch.Failed(order.serial(), ExecFailures.of(
                Kind.RESOURCE_LIMIT, ExecFailures.STAGE_REQUEST, "too much waits to be started: limit=" + MAX_ORDER_BYTES + " bytes")));
            return;
        }
        final Runnable task = () -> {
            try {
                start(order, onLaunch);
            } finally {
                release(size);
            }
        };
        try {
            threads.execute(task);
        } catch (final OutOfMemoryError e) {
            // Thread.start throws it when the kernel has no thread to replace one that hangs: one that there is takes the order.
            orders.add(task);
        }
    }

    @Override
    public synchronized void giveUp(final long serial) {
        if (!waiting.remove(serial) && running.contains(serial) && hanging.size() < MAX_HANGING && hanging.add(serial)) {
            try {
                threads.setCorePoolSize(threadCount + hanging.size());
            } catch (final OutOfMemoryError e) {
                // No thread to be had now: the next order tries again.
                return;
            }
        }
    }

    private synchronized boolean reserve(final long serial, final long size) {
        if (orderBytes > 0 && orderBytes + size > MAX_ORDER_BYTES) {
            return false;
        }
        orderBytes += size;
        return waiting.add(serial);
    }

    private synchronized void release(final long size) {
        orderBytes -= size;
    }

    private synchronized boolean begin(final long serial) {
        return waiting.remove(serial) && running.add(serial);
    }

    private synchronized void end(final long serial) {
        running.remove(serial);
        if (hanging.remove(serial)) {
            threads.setCorePoolSize(threadCount + hanging.size());
        }
    }

    private void start(final ExecOrder order, final Consumer<Launch> onLaunch) {
        if (!begin(order.serial())) {
            return;
        }
        Launch launch;
        try {
            launch = launcher.launch(order);
        } catch (final RuntimeException | Error e) {
            // A mistake in here, or want of memory, must cost its session, not the thread and the session's peace.
            launch = new Launch.Failed(order.serial(), ExecFailures.of(Kind.OTHER, ExecFailures.STAGE_AGENT, "agent error: " + e));
        }
        end(order.serial());
        final Launch result = launch;
        if (!mailbox.offer(() -> deliver(result, onLaunch)) && launch instanceof Launch.Started started) {
            started.discard(posix);
        }
    }

    private void deliver(final Launch launch, final Consumer<Launch> onLaunch) {
        onLaunch.accept(launch);
        if (launch instanceof Launch.Started started) {
            unclaimed.remove(started.child().pid());
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
