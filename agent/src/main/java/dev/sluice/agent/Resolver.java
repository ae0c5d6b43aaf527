package dev.sluice.agent;

import dev.sluice.vsock.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Turns names of hosts into addresses, on a few threads of its own, since the system's resolver waits for servers that may not answer.
 * Threads are there only while names are looked up. Clients take turns and none has all threads: those whose names hang hold up themselves.
 * What waits is bounded by the number of connections, whose lookups are taken back when they end.
 *
 * <p>Addresses need no thread. One owner thread calls, and gets the results through the mailbox.
 */
final class Resolver {
    /** Names are looked up at once; more wait, as they do for servers that do not answer. */
    private static final int THREADS = 8;
    /** As many clients as that whose names hang leave a thread to others. */
    private static final int THREADS_PER_CLIENT = 2;
    private static final String FAILURE = "failed to lookup address information: ";
    private static final String UNKNOWN = FAILURE + "Name or service not known";
    private static final char NUL = 0;
    /** A lookup that has come to its end already. */
    private static final Lookup DONE = () -> { };

    private final Mailbox mailbox;
    private final ClientThreads threads = new ClientThreads("sluice-resolve-", THREADS, THREADS_PER_CLIENT);

    Resolver(final Mailbox mailbox) {
        this.mailbox = mailbox;
    }

    /** A name that is being looked up. */
    @FunctionalInterface
    interface Lookup {
        /** Nobody waits for it any more: it is not begun. Its result may come all the same. */
        void cancel();
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
     * Looks a name up. For what cannot be one the result is there at once. Without a thread to be had it waits, as its caller does: up to
     * its deadline.
     *
     * @param band of the client that asks
     * @param host the name
     * @param port to go with its addresses
     * @param onResult takes the result, on the loop's thread
     * @return the lookup
     */
    Lookup resolve(final int band, final String host, final int port, final Consumer<Result> onResult) {
        if (host.isEmpty() || host.indexOf(NUL) >= 0) {
            // The system's resolver takes the one for the loopback address, and the other for what is before the NUL.
            onResult.accept(new Result(null, UNKNOWN));
            return DONE;
        }
        return threads.submit(band, () -> {
            final Result result = lookUp(host, port);
            mailbox.offer(() -> onResult.accept(result));
        })::cancel;
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
     * Ends the threads. One that waits for a server is left to end by itself: it holds nothing.
     *
     * @return whether all have ended
     */
    boolean end() {
        return threads.end(Reaping.PATIENCE_NS);
    }
}
