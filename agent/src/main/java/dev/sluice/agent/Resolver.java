package dev.sluice.agent;

import dev.sluice.vsock.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Turns names of hosts into addresses, on a few threads of its own, since the system's resolver waits for servers that may not answer.
 * Threads are there only while names are looked up; requests wait in a queue that the number of sessions bounds.
 *
 * <p>Addresses need no thread. One owner thread calls, and gets the results through the mailbox.
 */
final class Resolver {
    private static final long IDLE_SECONDS = 5;
    private static final String FAILURE = "failed to lookup address information: ";
    private static final String UNKNOWN = FAILURE + "Name or service not known";
    private static final char NUL = 0;
    private static final AtomicInteger NEXT_NUMBER = new AtomicInteger();

    private final Mailbox mailbox;
    private final ThreadPoolExecutor threads;

    Resolver(final Mailbox mailbox, final int threadCount) {
        this.mailbox = mailbox;
        this.threads = new ThreadPoolExecutor(
            threadCount, threadCount, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Resolver::newThread);
        threads.allowCoreThreadTimeOut(true);
    }

    private static Thread newThread(final Runnable task) {
        return Thread.ofPlatform().name("sluice-resolve-" + NEXT_NUMBER.incrementAndGet()).daemon(true).unstarted(task);
    }

    /** What a name stands for: addresses, or why there are none. */
    record Result(List<IpAddress> addresses, String failure) {
    }

    /**
     * Reads an address.
     *
     * @param host as a client wrote it
     * @param port to go with it
     * @return the address, or null when it is a name
     */
    static IpAddress literal(final String host, final int port) {
        try {
            return new IpAddress(InetAddress.ofLiteral(host), port);
        } catch (final IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * Looks a name up. For what cannot be one, and without a thread to be had, the result is there at once.
     *
     * @param host the name
     * @param port to go with its addresses
     * @param wanted asked before it is looked up, on another thread: whether anybody still waits
     * @param onResult takes the result, on the loop's thread
     */
    void resolve(final String host, final int port, final BooleanSupplier wanted, final Consumer<Result> onResult) {
        if (host.isEmpty() || host.indexOf(NUL) >= 0) {
            // The system's resolver takes the one for the loopback address, and the other for what is before the NUL.
            onResult.accept(new Result(null, UNKNOWN));
            return;
        }
        try {
            threads.execute(() -> {
                if (wanted.getAsBoolean()) {
                    final Result result = lookUp(host, port);
                    mailbox.offer(() -> onResult.accept(result));
                }
            });
        } catch (final OutOfMemoryError e) {
            // Thread.start throws it when the kernel has no thread: that ends one connection, not the agent.
            onResult.accept(new Result(null, FAILURE + "no thread to be had"));
        }
    }

    private static Result lookUp(final String host, final int port) {
        try {
            final InetAddress[] found = InetAddress.getAllByName(host);
            return new Result(Arrays.stream(found).map(address -> new IpAddress(address, port)).toList(), null);
        } catch (final UnknownHostException e) {
            return new Result(null, UNKNOWN);
        } catch (final RuntimeException | Error e) {
            return new Result(null, FAILURE + e.getClass().getSimpleName());
        }
    }

    /**
     * Ends the threads; what has not begun is forgotten. One that waits for a server is left to end by itself: it holds nothing.
     *
     * @return whether all have ended
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
