package dev.sluice.port;

import dev.sluice.ffi.Posix;
import dev.sluice.vsock.UnixListener;
import java.io.IOException;

/** Opens what a {@link PortAddress} names, for each of the two ends of a console. */
public final class PortSources {
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
     */
    public static PortSource host(final Posix posix, final PortAddress address) throws IOException {
        return switch (address.kind()) {
            case RING -> throw new IOException("not yet");
            case UNIX -> new DialingSource(posix, address.toUnixAddress());
            case UNIX_LISTEN -> listening(posix, address, StreamPort::ofSocket);
            case FILE -> new DeviceSource(posix, address.path(), false);
        };
    }

    /**
     * The guest's end: {@code ring:} connects and receives the ring, {@code unix:} dials, {@code unix-listen:} listens, {@code file:}
     * opens, and keeps a virtual console through the absence of a host.
     *
     * @param posix the system
     * @param address of the port
     * @return the source, which the caller closes
     * @throws IOException if the socket cannot be made
     */
    public static PortSource guest(final Posix posix, final PortAddress address) throws IOException {
        return switch (address.kind()) {
            case RING -> throw new IOException("not yet");
            case UNIX -> new DialingSource(posix, address.toUnixAddress());
            case UNIX_LISTEN -> listening(posix, address, StreamPort::ofSocket);
            case FILE -> new DeviceSource(posix, address.path(), true);
        };
    }

    private static PortSource listening(final Posix posix, final PortAddress address, final ListeningSource.Opener opener)
        throws IOException {
        return new ListeningSource(posix, UnixListener.open(posix, address.toUnixAddress(), ListeningSource.BACKLOG), opener);
    }
}
