package dev.sluice.port;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.vsock.UnixAddress;
import dev.sluice.vsock.UnixConnector;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Ports over connections to somebody else's listener. */
final class DialingSource implements PortSource {
    private static final Logger LOG = System.getLogger(DialingSource.class.getName());

    private final Posix posix;
    private final UnixAddress address;

    DialingSource(final Posix posix, final UnixAddress address) {
        this.posix = posix;
        this.address = address;
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public Port tryOpen() throws IOException {
        final int fd = connect();
        if (fd >= 0) {
            return StreamPort.ofSocket(posix, fd);
        }
        if (UnixConnector.isWorthRetrying(-fd)) {
            return null;
        }
        throw new PosixException("connect", -fd, address.path());
    }

    /** @return the descriptor, or -errno */
    private int connect() throws PosixException {
        try {
            return UnixConnector.tryConnect(posix, address);
        } catch (final PosixException e) {
            switch (e.errno()) {
                case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM, Errno.ENOBUFS -> {
                    // There may be some again by the next call.
                    LOG.log(Level.WARNING, "cannot dial {0} now: {1}", address, e.getMessage());
                    return -Errno.EAGAIN;
                }
                default -> throw e;
            }
        }
    }

    @Override
    public void close() {
        // Nothing is held between two calls.
    }
}
