package dev.sluice.vsock;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.sockaddr_in;
import dev.sluice.ffi.linux.sockaddr_in6;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A port at an IPv4 or IPv6 address.
 *
 * <p>As {@code struct sockaddr_in} or {@code sockaddr_in6} (netinet/in.h): port and address are in network byte order, the rest in that of
 * the machine.
 *
 * @param address of the host
 * @param port 0 to 65535
 */
public record IpAddress(InetAddress address, int port) {
    private static final int MAX_PORT = 0xFFFF;
    private static final ValueLayout.OfShort NETWORK_SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    /**
     * Checks the port.
     *
     * @param address of the host
     * @param port 0 to 65535
     * @throws IllegalArgumentException if there is no such port
     */
    public IpAddress {
        Objects.requireNonNull(address, "address");
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port: " + port + " (allowed: 0 to " + MAX_PORT + ")");
        }
    }

    /**
     * Of which family the address is.
     *
     * @return {@code AF_INET} or {@code AF_INET6}
     */
    public int family() {
        return address instanceof Inet6Address ? Linux.AF_INET6 : Linux.AF_INET;
    }

    /**
     * The address as system calls take it.
     *
     * @param arena that the memory comes from
     * @return a whole {@code sockaddr_in} or {@code sockaddr_in6}
     */
    public MemorySegment toSockaddr(final Arena arena) {
        final byte[] bytes = address.getAddress();
        final MemorySegment sockaddr;
        final long addressOffset;
        if (address instanceof Inet6Address six) {
            sockaddr = sockaddr_in6.allocate(arena);
            sockaddr.set(NETWORK_SHORT, sockaddr_in6.sin6_port$offset(), (short) port);
            sockaddr_in6.sin6_scope_id(sockaddr, six.getScopeId());
            addressOffset = sockaddr_in6.sin6_addr$offset();
        } else {
            sockaddr = sockaddr_in.allocate(arena);
            sockaddr.set(NETWORK_SHORT, sockaddr_in.sin_port$offset(), (short) port);
            addressOffset = sockaddr_in.sin_addr$offset();
        }
        sockaddr_in.sin_family(sockaddr, (short) family());
        MemorySegment.copy(bytes, 0, sockaddr, ValueLayout.JAVA_BYTE, addressOffset, bytes.length);
        return sockaddr;
    }

    @Override
    public String toString() {
        return address instanceof Inet6Address ? "[" + address.getHostAddress() + "]:" + port : address.getHostAddress() + ":" + port;
    }
}
