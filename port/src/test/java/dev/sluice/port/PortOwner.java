package dev.sluice.port;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;

/** What the owner of a port does about waiting: the registration follows the mask, and every wait is reported. */
final class PortOwner implements AutoCloseable {
    final Port port;
    private final Epoll epoll;
    private int registered = Linux.EPOLLIN;
    private boolean closed;

    PortOwner(final Posix posix, final Port port) throws PosixException {
        assertNotNull(port, "the port did not open");
        this.port = port;
        this.epoll = new Epoll(posix, 1);
        epoll.add(port.fd(), registered, 0);
    }

    /**
     * Waits once.
     *
     * @return whether there is, or may be, work
     */
    boolean await(final boolean wantRead, final boolean wantWrite, final int millis) throws PosixException {
        final int mask = port.prepareToSleep(wantRead, wantWrite);
        if (mask == Port.WORK_NOW) {
            return true;
        }
        if (mask != registered) {
            epoll.modify(port.fd(), mask, 0);
            registered = mask;
        }
        final int count = epoll.await(millis);
        port.onReady(count == 1 ? epoll.events(0) : 0);
        return count == 1;
    }

    @Override
    public void close() throws PosixException {
        if (!closed) {
            closed = true;
            epoll.delete(port.fd());
            epoll.close();
            port.close();
        }
    }
}
