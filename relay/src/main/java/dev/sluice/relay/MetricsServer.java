package dev.sluice.relay;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.vsock.UnixAddress;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Serves one page of metrics to whoever of this user connects to a Unix socket: HTTP/1.1, {@code GET /metrics} alone, a connection for
 * each request.
 *
 * <pre>{@code
 * MetricsServer.open(Posix.system(), UnixAddress.of(path), Duration.ofSeconds(10), () -> PrometheusText.of(relay.counters()));
 * }</pre>
 *
 * <p>It has a daemon thread of its own and touches nothing of a relay's but its counters, so that nobody who asks for them can slow the
 * relay down. Connections are served one after the other. Each has two seconds in all, and a request of at most 4096 bytes.
 *
 * <p><b>Threads.</b> {@link #close} may be called from any thread but the server's own.
 */
public final class MetricsServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(MetricsServer.class.getName());

    private static final long CONNECTION_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long CLOSE_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int BACKLOG = 16;
    /** How long accepting pauses when there are no descriptors left. */
    private static final long ACCEPT_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Posix posix;
    private final Supplier<String> page;
    private final UnixListener listener;
    private final CancellableWait wait;
    private final Thread thread;
    /** 0 for never. */
    private final long checkNs;
    /** What kept the socket from being made again, null for nothing. */
    private String complaint;
    private boolean closed;

    private MetricsServer(
        final Posix posix, final UnixListener listener, final CancellableWait wait, final Duration check, final Supplier<String> page) {
        this.posix = posix;
        this.listener = listener;
        this.wait = wait;
        this.page = page;
        this.checkNs = check.toNanos();
        this.thread = Thread.ofPlatform().daemon().name("sluice-metrics").unstarted(this::run);
    }

    /**
     * Binds the socket, mode 0600, and serves from then on.
     *
     * @param posix the system
     * @param address of the socket
     * @param check how long nobody has to come before the server looks whether its socket is still there, and makes it again if not; zero
     *     for never
     * @param page makes the page, in ASCII or UTF-8 text; called on the server's thread, for each request; must not block
     * @return the server, which the caller closes
     * @throws IOException if the socket cannot be bound or another process has it
     */
    public static MetricsServer open(final Posix posix, final UnixAddress address, final Duration check, final Supplier<String> page)
        throws IOException {
        final Opened opened = new Opened();
        try {
            final UnixListener listener = opened.add(UnixListener.open(posix, address, BACKLOG));
            final MetricsServer server = new MetricsServer(posix, listener, opened.add(new CancellableWait(posix)), check, page);
            server.thread.start();
            return server;
        } catch (final IOException | RuntimeException e) {
            opened.closeAll(e);
            throw e;
        }
    }

    /** Ends the thread, cutting a connection that is being served, and removes the socket. Idempotent. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        wait.cancel();
        // Its waits are cancelled: it ends at once unless making the page blocks.
        if (!ThreadEnd.await(thread, CLOSE_NS)) {
            LOG.log(Level.WARNING, "the metrics thread has not ended; its descriptors stay open");
            return;
        }
        wait.close();
        try {
            listener.close();
        } catch (final IOException e) {
            LOG.log(Level.WARNING, "closing the metrics socket: {0}", e.getMessage());
        }
    }

    private void run() {
        try {
            while (!wait.isCancelled()) {
                if (!awaitConnection()) {
                    restore();
                    continue;
                }
                final int fd = listener.accept();
                if (fd >= 0) {
                    serve(fd);
                } else if (fd != -Errno.EAGAIN && fd != -Errno.ECONNABORTED) {
                    LOG.log(Level.WARNING, "accepting for metrics paused: {0}", Errno.name(-fd));
                    wait.pause(ACCEPT_PAUSE_NS);
                }
            }
        } catch (final PosixException e) {
            LOG.log(Level.WARNING, "metrics are served no more: {0}", e.getMessage());
        }
    }

    /** {@return false when it is time to look after the socket, or to end} */
    private boolean awaitConnection() throws PosixException {
        return checkNs == 0
            ? wait.until(listener.fd(), Linux.POLLIN)
            : wait.until(listener.fd(), Linux.POLLIN, System.nanoTime() + checkNs);
    }

    /** Makes the socket again if its path is gone. */
    private void restore() {
        if (wait.isCancelled()) {
            return;
        }
        try {
            if (listener.restore()) {
                LOG.log(Level.WARNING, "{0} was gone and is there again", listener.address());
            }
            complaint = null;
        } catch (final IOException e) {
            // Tried again and again, said once.
            if (!e.getMessage().equals(complaint)) {
                complaint = e.getMessage();
                LOG.log(Level.WARNING, complaint);
            }
        }
    }

    private void serve(final int fd) {
        try {
            new MetricsConnection(posix, wait, fd, System.nanoTime() + CONNECTION_NS).serve(page);
        } catch (final PosixException e) {
            LOG.log(Level.DEBUG, "a connection for metrics ended early: {0}", e.getMessage());
        } catch (final RuntimeException e) {
            LOG.log(Level.WARNING, "metrics cannot be told", e);
        } finally {
            posix.closeQuietly(fd);
        }
    }
}
