package dev.sluice.port;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.vsock.UnixAddress;
import dev.sluice.vsock.UnixConnector;
import java.io.IOException;

/** Ports over connections to somebody else's listener. */
final class DialingSource implements PortSource {
    private final Posix posix;
    private final UnixAddress address;
    private final Shortage shortage = new Shortage();

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
        if (fd < 0) {
            if (UnixConnector.isWorthRetrying(-fd)) {
                return null;
            }
            throw new PosixException("connect", -fd, address.path());
        }
        try {
            final Port port = StreamPort.ofSocket(posix, fd);
            shortage.over();
            return port;
        } catch (final PosixException e) {
            // That was this connection; the next may be sound.
            shortage.tell(e, address);
            return null;
        }
    }

    /** @return the descriptor, or -errno */
    private int connect() throws PosixException {
        try {
            return UnixConnector.tryConnect(posix, address);
        } catch (final PosixException e) {
            if (shortage.explains(e, address)) {
                return -Errno.EAGAIN;
            }
            throw e;
        }
    }

    @Override
    public String obstacle() {
        return "nobody listens there";
    }

    @Override
    public void close() {
        // Nothing is held between two calls.
    }
}
