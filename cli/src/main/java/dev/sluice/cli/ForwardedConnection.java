package dev.sluice.cli;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.TcpStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * One connection that was made here, carried on to a port of the sandbox. Each direction ends by itself, as TCP has it. A side that breaks
 * off is broken off on the other: a peer that is given less than all is not left to take it for all.
 */
final class ForwardedConnection {
    private static final int BUFFER_LENGTH = 64 * 1024;
    /** The agent's own limit. */
    private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(30);
    /** Closed with this, a socket tells its peer of a reset, which is no end of a stream. */
    private static final int RESET = 0;

    private final SandboxClient client;
    private final ForwardRule rule;
    private final SocketChannel local;
    private TcpStream remote;

    /**
     * A connection that has been accepted.
     *
     * @param client the way into the sandbox; stays the caller's
     * @param rule   where to
     * @param local  the accepted side; closed by {@link #run}
     */
    ForwardedConnection(final SandboxClient client, final ForwardRule rule, final SocketChannel local) {
        this.client = client;
        this.rule = rule;
        this.local = local;
    }

    /**
     * Carries everything in both directions, until both have ended or one side has broken off, and closes the accepted side. When both have
     * ended, what went to the sandbox last may still be under way: it is {@link #finish} that closes that side.
     *
     * @return whether both have ended; else both sides are closed
     * @throws IOException          when there is no connection to the port in the sandbox
     * @throws InterruptedException when this thread is interrupted
     */
    boolean run() throws IOException, InterruptedException {
        boolean whole = false;
        try {
            remote = client.connectTcp(rule.host(), rule.port(), CONNECT_DEADLINE);
            whole = carry();
            return whole;
        } finally {
            if (whole) {
                local.close();
            } else {
                abort();
                if (remote != null) {
                    remote.close();
                }
            }
        }
    }

    /**
     * Closes the sandbox's side when the port there has taken everything. After {@link #run} was true, on the same thread.
     *
     * @param time how long to wait for that at most
     * @throws InterruptedException when this thread is interrupted; the side is closed all the same
     */
    void finish(final Duration time) throws InterruptedException {
        try (TcpStream ending = remote) {
            ending.awaitClosed(time);
        } catch (final IOException e) {
            // It has broken off, of which the accepted side cannot be told any more.
            return;
        }
    }

    /** Breaks the connection off. Any thread; idempotent. */
    void abort() {
        try (SocketChannel here = local) {
            if (here.isOpen() && here.getLocalAddress() instanceof InetSocketAddress) {
                here.setOption(StandardSocketOptions.SO_LINGER, RESET);
            }
        } catch (final IOException e) {
            // Closed is what it was to be.
            return;
        }
    }

    /** @return whether the sandbox's side has ended and was passed on to its end */
    private boolean carry() throws InterruptedException {
        final Thread up = Thread.ofVirtual().name("sluice-forward").start(this::pumpUp);
        final boolean whole = pumpDown();
        if (!whole) {
            // What waits for either side is woken.
            abort();
            remote.close();
        }
        up.join();
        return whole;
    }

    private void pumpUp() {
        final byte[] bytes = new byte[BUFFER_LENGTH];
        try {
            final OutputStream out = remote.outputStream();
            int length = readLocal(bytes);
            while (length >= 0) {
                out.write(bytes, 0, length);
                length = readLocal(bytes);
            }
            if (local.isOpen()) {
                remote.shutdownOutput();
            } else {
                remote.close();
            }
        } catch (final IOException e) {
            // The sandbox's side takes no more. What it still gives is carried to its end, which says how it ended.
            return;
        }
    }

    /** @return -1 at the end; the connection is closed where that is not the end of the stream */
    private int readLocal(final byte[] bytes) {
        try {
            return local.read(ByteBuffer.wrap(bytes));
        } catch (final IOException e) {
            abort();
            return -1;
        }
    }

    private boolean pumpDown() {
        final byte[] bytes = new byte[BUFFER_LENGTH];
        try {
            final InputStream in = remote.inputStream();
            int length = in.read(bytes);
            while (length >= 0) {
                final ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
                while (buffer.hasRemaining()) {
                    local.write(buffer);
                }
                length = in.read(bytes);
            }
            local.shutdownOutput();
            return true;
        } catch (final IOException e) {
            return false;
        }
    }
}
