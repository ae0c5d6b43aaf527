package dev.sluice.port;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Every kind of port, opened the way its users open it, and the same at both ends. */
enum PortFamily {
    /** The host listens and hands a ring over. */
    RING(256 << 10, 1 << 20) {
        @Override
        PortPair open(final Posix posix, final Path directory) throws IOException {
            final PortAddress address = new PortAddress(Kind.RING, directory.resolve("ring").toString());
            final PortSource hosts = PortSources.host(posix, address);
            return connect(posix, hosts, PortSources.guest(posix, address), hosts);
        }
    },
    /** The guest listens, the host dials. */
    HOST_DIALS(256 << 10, 256 << 10) {
        @Override
        PortPair open(final Posix posix, final Path directory) throws IOException {
            final String path = directory.resolve("socket").toString();
            final PortSource guests = PortSources.guest(posix, new PortAddress(Kind.UNIX_LISTEN, path));
            return connect(posix, PortSources.host(posix, new PortAddress(Kind.UNIX, path)), guests, guests);
        }
    },
    /** The host listens, the guest dials. */
    GUEST_DIALS(256 << 10, 256 << 10) {
        @Override
        PortPair open(final Posix posix, final Path directory) throws IOException {
            final String path = directory.resolve("socket").toString();
            final PortSource hosts = PortSources.host(posix, new PortAddress(Kind.UNIX_LISTEN, path));
            return connect(posix, hosts, PortSources.guest(posix, new PortAddress(Kind.UNIX, path)), hosts);
        }
    },
    /** A pseudo-terminal: the host has its master, the guest opens its slave by name. */
    TERMINAL(128 << 10, 128 << 10) {
        @Override
        PortPair open(final Posix posix, final Path directory) throws IOException {
            final int master =
                posix.open("/dev/ptmx", Linux.O_RDWR | Linux.O_NOCTTY | Linux.O_NONBLOCK | Linux.O_CLOEXEC, 0);
            final String slave;
            try (Arena arena = Arena.ofConfined()) {
                final MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
                posix.ioctl(master, Linux.TIOCSPTLCK, number.address());
                posix.ioctl(master, Linux.TIOCGPTN, number.address());
                slave = "/dev/pts/" + number.get(ValueLayout.JAVA_INT, 0);
            }
            try (PortSource guests = PortSources.guest(posix, PortAddress.parse("file:" + slave))) {
                final Port guest = guests.tryOpen();
                return new PortPair(posix, StreamPort.ofTerminal(posix, master), guest, () -> { });
            }
        }
    };

    /** No more than this many bytes are taken for a peer that does not read. */
    final int mostUnreadByGuest;
    final int mostUnreadByHost;

    PortFamily(final int mostUnreadByGuest, final int mostUnreadByHost) {
        this.mostUnreadByGuest = mostUnreadByGuest;
        this.mostUnreadByHost = mostUnreadByHost;
    }

    abstract PortPair open(Posix posix, Path directory) throws IOException;

    private static PortPair connect(final Posix posix, final PortSource hosts, final PortSource guests, final PortSource listening)
        throws IOException {
        Port host = null;
        Port guest = null;
        for (int attempt = 0; (host == null || guest == null) && attempt < 100; attempt++) {
            guest = guest == null ? guests.tryOpen() : guest;
            host = host == null ? hosts.tryOpen() : host;
        }
        return new PortPair(posix, host, guest, listening);
    }

    /** Shortens the names above. */
    private static final class Kind {
        static final PortAddress.Kind RING = PortAddress.Kind.RING;
        static final PortAddress.Kind UNIX = PortAddress.Kind.UNIX;
        static final PortAddress.Kind UNIX_LISTEN = PortAddress.Kind.UNIX_LISTEN;
    }
}
