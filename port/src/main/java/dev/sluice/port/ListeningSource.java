package dev.sluice.port;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;

/**
 * Ports over the connections of a listener. A peer that comes while one is served waits in the backlog.
 *
 * <p>One descriptor is kept in reserve: when there are none left, a connection is taken with it and closed, so that the peer is told and
 * the listener does not stay ready for ever.
 */
final class ListeningSource implements PortSource {
    /** One peer is served at a time: the next, and a few that have given up since. */
    static final int BACKLOG = 4;

    /** Makes a port of a connection. */
    @FunctionalInterface
    interface Opener {
        /**
         * Takes the descriptor over, also on failure.
         *
         * @throws IOException if the peer turned out to be gone, or a call fails
         */
        Port open(Posix posix, int fd) throws IOException;
    }

    private final Posix posix;
    private final UnixListener listener;
    private final Opener opener;
    private final Shortage shortage = new Shortage();
    private int reserve;

    /**
     * Takes the reserve at once: when it is needed it is too late.
     *
     * @param posix the system
     * @param listener becomes the source's, also when this fails
     * @param opener makes the ports
     * @throws IOException if there is no descriptor for the reserve
     */
    ListeningSource(final Posix posix, final UnixListener listener, final Opener opener) throws IOException {
        this.posix = posix;
        this.listener = listener;
        this.opener = opener;
        this.reserve = duplicate();
        if (reserve < 0) {
            final PosixException failure = new PosixException("fcntl", -reserve, "F_DUPFD_CLOEXEC");
            listener.close();
            throw failure;
        }
    }

    private int duplicate() {
        return posix.syscalls().fcntl(listener.fd(), Linux.F_DUPFD_CLOEXEC, 0);
    }

    @Override
    public int fd() {
        return listener.fd();
    }

    @Override
    public Port tryOpen() throws IOException {
        if (reserve < 0) {
            // Spent on a peer that was turned away.
            reserve = duplicate();
        }
        final int fd = listener.accept();
        if (fd == -Errno.EMFILE || fd == -Errno.ENFILE) {
            turnAway(fd);
        }
        if (fd < 0) {
            // Whatever it was, the listener is sound and the next connection is worth a try.
            return null;
        }
        try {
            final Port port = opener.open(posix, fd);
            shortage.over();
            return port;
        } catch (final IOException e) {
            // That was this peer; the next may be sound.
            shortage.tell(e, listener.address());
            return null;
        }
    }

    @Override
    public String obstacle() {
        return "nobody has connected";
    }

    @Override
    public boolean restore() throws IOException {
        if (!listener.restore()) {
            return false;
        }
        // It stood for the former socket, and would keep that ready for ever.
        posix.closeQuietly(reserve);
        reserve = duplicate();
        return true;
    }

    @Override
    public void close() throws IOException {
        posix.closeQuietly(reserve);
        reserve = -1;
        listener.close();
    }

    private void turnAway(final int error) {
        posix.closeQuietly(reserve);
        reserve = -1;
        posix.closeQuietly(listener.accept());
        shortage.tell(new PosixException("accept4", -error, "a peer was turned away"), listener.address());
    }
}
