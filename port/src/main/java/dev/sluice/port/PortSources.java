package dev.sluice.port;

import dev.sluice.ffi.Posix;
import dev.sluice.ring.RingDescriptor;
import dev.sluice.ring.RingHandOver;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;

/** Opens what a {@link PortAddress} names, for each of the two ends of a console. */
public final class PortSources {
    /** Bytes that may lie in a ring unread by the guest; the ring is larger so that a change of pace costs no wake-up. */
    public static final int HOST_UNREAD_LIMIT = 256 * 1024;

    private PortSources() {
    }

    /**
     * The host's end: {@code ring:} listens and hands a fresh ring to whoever connects, {@code unix:} dials, {@code unix-listen:} listens,
     * {@code file:} opens.
     *
     * @param posix the system
     * @param address of the port
     * @return the source, which the caller closes
     * @throws IOException if the socket cannot be made
     * @throws IllegalArgumentException if the address is one that only a guest has
     */
    public static PortSource host(final Posix posix, final PortAddress address) throws IOException {
        return switch (address.kind()) {
            case RING -> listening(posix, address, PortSources::offerRing);
            case UNIX -> new DialingSource(posix, address.toUnixAddress());
            case UNIX_LISTEN -> listening(posix, address, StreamPort::ofSocket);
            case FILE -> new DeviceSource(posix, address.path(), false);
            case VIRTIO -> throw new IllegalArgumentException("a virtio port is a guest's end: port=" + address);
        };
    }

    /**
     * The guest's end: {@code ring:} connects and receives the ring, {@code unix:} dials, {@code unix-listen:} listens, {@code file:}
     * opens, and keeps a virtual console through the absence of a host; {@code virtio:} finds such a console by its name.
     *
     * @param posix the system
     * @param address of the port
     * @return the source, which the caller closes
     * @throws IOException if the socket cannot be made
     */
    public static PortSource guest(final Posix posix, final PortAddress address) throws IOException {
        return switch (address.kind()) {
            case RING -> new RingDialingSource(posix, address.toUnixAddress());
            case UNIX -> new DialingSource(posix, address.toUnixAddress());
            case UNIX_LISTEN -> listening(posix, address, StreamPort::ofSocket);
            case FILE -> new DeviceSource(posix, address.path(), true);
            case VIRTIO -> new VirtioSource(posix, address.path(), VirtioSource.PORTS);
        };
    }

    private static Port offerRing(final Posix posix, final int fd) throws IOException {
        final int capacity = RingDescriptor.DEFAULT_CAPACITY;
        return new RingPort(RingHandOver.offer(posix, fd, capacity, capacity, HOST_UNREAD_LIMIT));
    }

    private static PortSource listening(final Posix posix, final PortAddress address, final ListeningSource.Opener opener)
        throws IOException {
        return new ListeningSource(posix, UnixListener.open(posix, address.toUnixAddress(), ListeningSource.BACKLOG), opener);
    }
}
