package dev.sluice.port;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;

/** Ports over the connections of a listener. A peer that comes while one is served waits in the backlog. */
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

    ListeningSource(final Posix posix, final UnixListener listener, final Opener opener) {
        this.posix = posix;
        this.listener = listener;
        this.opener = opener;
    }

    @Override
    public int fd() {
        return listener.fd();
    }

    @Override
    public Port tryOpen() throws IOException {
        final int fd = listener.accept();
        if (fd < 0) {
            // Whatever it was, the listener is sound and the next connection is worth a try.
            return null;
        }
        try {
            return opener.open(posix, fd);
        } catch (final PosixException e) {
            return null;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
