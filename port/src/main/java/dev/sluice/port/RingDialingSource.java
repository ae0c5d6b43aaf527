package dev.sluice.port;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import dev.sluice.ring.RingChannel;
import dev.sluice.ring.RingHandOver;
import dev.sluice.vsock.UnixAddress;
import dev.sluice.vsock.UnixConnector;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Rings received from a host.
 *
 * <pre>
 *   no connection ──connected──► connected, nothing received ──ring received──► no connection (it is the port's now)
 *        ▲                                  │
 *        └──── host gone, or too long ──────┘
 * </pre>
 */
final class RingDialingSource implements PortSource {
    /** A host that is free answers within microseconds: waiting for that saves the caller's next attempt. */
    private static final int HAND_OVER_MILLIS = 50;
    /** One that still serves another guest leaves us in its backlog. Dial anew after this long, in case it forgot us. */
    private static final long CONNECTION_PATIENCE_NS = 10_000_000_000L;

    private final Posix posix;
    private final UnixAddress address;
    private final Shortage shortage = new Shortage();
    private int connection = -1;
    private long connectedNs;

    RingDialingSource(final Posix posix, final UnixAddress address) {
        this.posix = posix;
        this.address = address;
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public Port tryOpen() throws IOException {
        if (connection < 0 && !connect()) {
            return null;
        }
        try {
            final RingChannel channel = RingHandOver.tryReceive(posix, connection);
            if (channel != null) {
                connection = -1;
                return new RingPort(channel);
            }
            if (System.nanoTime() - connectedNs > CONNECTION_PATIENCE_NS) {
                disconnect();
            }
            return null;
        } catch (final EOFException | PosixException e) {
            // The host is gone, or lost patience with a predecessor's connection: the next attempt dials again.
            disconnect();
            return null;
        } catch (final IOException e) {
            disconnect();
            throw e;
        }
    }

    @Override
    public String obstacle() {
        return connection < 0 ? "nobody listens there" : "its host answers, but has no ring for us: it may be serving somebody else";
    }

    @Override
    public void close() {
        disconnect();
    }

    private boolean connect() throws IOException {
        final int fd;
        try {
            fd = UnixConnector.tryConnect(posix, address);
        } catch (final PosixException e) {
            if (shortage.explains(e, address)) {
                return false;
            }
            throw e;
        }
        shortage.over();
        if (fd < 0) {
            if (UnixConnector.isWorthRetrying(-fd)) {
                return false;
            }
            throw new PosixException("connect", -fd, address.path());
        }
        connection = fd;
        connectedNs = System.nanoTime();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment ready = arena.allocate(pollfd.layout());
            pollfd.fd(ready, fd);
            pollfd.events(ready, (short) Linux.POLLIN);
            posix.poll(ready.address(), 1, HAND_OVER_MILLIS);
        }
        return true;
    }

    private void disconnect() {
        posix.closeQuietly(connection);
        connection = -1;
    }
}
