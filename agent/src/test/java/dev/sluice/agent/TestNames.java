package dev.sluice.agent;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The resolver of the tests' JVM: the system's own, but for names whose servers do not answer until a test lets them. */
public final class TestNames extends InetAddressResolverProvider {
    private static final String HANGING = ".hanging.test";
    private static final long LIMIT_S = 60;
    private static final Semaphore BEGUN = new Semaphore(0);
    private static final Queue<String> ASKED = new ConcurrentLinkedQueue<>();
    private static volatile CountDownLatch answers = new CountDownLatch(1);

    /** From now on, no name of those is answered. */
    static void hang() {
        answers = new CountDownLatch(1);
        BEGUN.drainPermits();
        ASKED.clear();
    }

    /** @return a name whose server does not answer */
    static String hanging(final String label) {
        return label + HANGING;
    }

    /** Waits until so many more of those names have been asked for. */
    static void awaitBegun(final int count) throws InterruptedException {
        if (!BEGUN.tryAcquire(count, LIMIT_S, TimeUnit.SECONDS)) {
            throw new AssertionError("names asked for: " + ASKED);
        }
    }

    /** @return the names that have been asked for since {@link #hang}, of those */
    static Queue<String> asked() {
        return ASKED;
    }

    /** The servers say that there are no such names. */
    static void answer() {
        answers.countDown();
    }

    @Override
    public InetAddressResolver get(final Configuration configuration) {
        final InetAddressResolver system = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(final String host, final LookupPolicy policy) throws UnknownHostException {
                if (host.endsWith(HANGING)) {
                    awaitAnswer(host);
                }
                return system.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(final byte[] address) throws UnknownHostException {
                return system.lookupByAddress(address);
            }
        };
    }

    private static void awaitAnswer(final String host) throws UnknownHostException {
        ASKED.add(host);
        BEGUN.release();
        try {
            if (!answers.await(LIMIT_S, TimeUnit.SECONDS)) {
                throw new AssertionError("nobody lets " + host + " be answered");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new UnknownHostException(host);
    }

    @Override
    public String name() {
        return "test names";
    }
}
