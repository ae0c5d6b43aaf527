package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;

/** A ring handed over within this process, and an epoll instance for each end. */
final class RingPair implements AutoCloseable {
    final RingChannel host;
    final RingChannel guest;
    final Epoll hostEpoll;
    final Epoll guestEpoll;

    RingPair(final int capacity, final int hostUnreadLimit) throws IOException {
        final Posix posix = Posix.system();
        final int[] sockets = posix.socketpair(Linux.AF_UNIX, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK | Linux.SOCK_CLOEXEC, 0);
        host = RingHandOver.offer(posix, sockets[0], capacity, capacity, hostUnreadLimit);
        guest = RingHandOver.tryReceive(posix, sockets[1]);
        assertNotNull(guest);
        hostEpoll = new Epoll(posix, 4);
        guestEpoll = new Epoll(posix, 4);
        hostEpoll.add(host.fd(), Linux.EPOLLIN, 0);
        guestEpoll.add(guest.fd(), Linux.EPOLLIN, 0);
    }

    @Override
    public void close() {
        hostEpoll.close();
        guestEpoll.close();
        host.close();
        guest.close();
    }
}
