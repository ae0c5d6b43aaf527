package dev.sluice.cli;

import dev.sluice.client.SandboxClient;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Accepts connections at one address and carries each to a port of the sandbox, many at once, on virtual threads. When there are as many
 * as there may be, the next is accepted and waits, and more wait in the kernel's queue.
 */
final class PortForward implements AutoCloseable {
    /** Descriptors run out and come back; nothing is gained by asking at once. */
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);
    private static final Duration END_LIMIT = Duration.ofSeconds(5);
    /** How long a port in the sandbox may take for the rest of what it was sent: as long as our agent gives it without us. */
    private static final Duration FINISH_LIMIT = Duration.ofSeconds(60);
    /** As many as are carried at once by default may wait for that, and take none of their places. */
    private static final int FINISHING_MAX = 64;

    private final SandboxClient client;
    private final ForwardRule rule;
    private final ForwardListener listener;
    private final Semaphore places;
    private final Semaphore finishing = new Semaphore(FINISHING_MAX);
    private final Map<ForwardedConnection, Thread> connections = new ConcurrentHashMap<>();
    private final Thread acceptor;
    private volatile boolean closed;

    /**
     * Makes one, for {@link #start}.
     *
     * @param client   the way into the sandbox; stays the caller's
     * @param rule     where to
     * @param listener where connections are made; closed with this
     * @param places   how many connections there may be, with those of others that share it
     */
    PortForward(final SandboxClient client, final ForwardRule rule, final ForwardListener listener, final Semaphore places) {
        this.client = client;
        this.rule = rule;
        this.listener = listener;
        this.places = places;
        this.acceptor = Thread.ofVirtual().name("sluice-forward-accept").unstarted(this::acceptAll);
    }

    /** Begins to accept. */
    void start() {
        acceptor.start();
    }

    /** Breaks off every connection, and waits a little for the threads that carried them. Idempotent. */
    @Override
    public void close() throws IOException {
        closed = true;
        acceptor.interrupt();
        try {
            listener.close();
        } finally {
            connections.forEach((connection, thread) -> {
                connection.abort();
                thread.interrupt();
            });
            awaitThreads();
        }
    }

    private void awaitThreads() {
        final long end = System.nanoTime() + END_LIMIT.toNanos();
        try {
            acceptor.join(END_LIMIT);
            for (final Thread thread : connections.values()) {
                thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void acceptAll() {
        boolean refused = false;
        try {
            while (!closed) {
                final SocketChannel local = accept(refused);
                refused = local == null;
                if (refused) {
                    Thread.sleep(ACCEPT_PAUSE);
                } else {
                    admit(new ForwardedConnection(client, rule, local));
                }
            }
        } catch (final InterruptedException e) {
            // Closed.
            return;
        }
    }

    /** @return null where none could be taken; said once until it works again */
    private SocketChannel accept(final boolean refusedBefore) {
        try {
            return listener.accept();
        } catch (final IOException e) {
            if (!closed && !refusedBefore) {
                Diagnostics.print("cannot accept at " + ForwardRule.format(listener.address()) + ", trying again: " + e.getMessage());
            }
            return null;
        }
    }

    /** Only now a place is taken: others that share them go on while nobody connects here. */
    private void admit(final ForwardedConnection connection) throws InterruptedException {
        boolean admitted = false;
        try {
            places.acquire();
            admitted = true;
        } finally {
            if (!admitted) {
                connection.abort();
            }
        }
        begin(connection);
    }

    private void begin(final ForwardedConnection connection) {
        final Thread thread = Thread.ofVirtual().name("sluice-forward-down").unstarted(() -> carry(connection));
        connections.put(connection, thread);
        thread.start();
        if (closed) {
            // Close may have looked before it was there.
            connection.abort();
            thread.interrupt();
        }
    }

    private void carry(final ForwardedConnection connection) {
        try {
            if (run(connection)) {
                finish(connection);
            }
        } catch (final InterruptedException e) {
            // Closed.
            return;
        } finally {
            connections.remove(connection);
        }
    }

    /** @return whether both directions have come to their ends */
    private boolean run(final ForwardedConnection connection) throws InterruptedException {
        try {
            return connection.run();
        } catch (final IOException e) {
            if (!closed) {
                Diagnostics.print(rule.target() + ": " + Diagnostics.describe(e));
            }
            return false;
        } finally {
            places.release();
        }
    }

    private void finish(final ForwardedConnection connection) throws InterruptedException {
        final boolean admitted = finishing.tryAcquire();
        try {
            connection.finish(admitted ? FINISH_LIMIT : Duration.ZERO);
        } finally {
            if (admitted) {
                finishing.release();
            }
        }
    }
}
