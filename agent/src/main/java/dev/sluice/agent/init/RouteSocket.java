package dev.sluice.agent.init;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A conversation with the kernel about its network: each request is answered before the call that sent it returns. One thread.
 *
 * <p>What an interface is and has comes by ioctl(2), in a {@code struct ifreq}: 16 bytes of name, then the answer. Source: netdevice(7).
 */
final class RouteSocket implements AutoCloseable {
    private static final int ANSWER_CAPACITY = 8192;
    private static final int IFREQ_LENGTH = 40;
    private static final int IFREQ_ANSWER = 16;
    /** A {@code struct sockaddr}, whose family comes first. */
    private static final int HARDWARE_ADDRESS = IFREQ_ANSWER + Short.BYTES;
    private static final int HARDWARE_ADDRESS_LENGTH = 6;

    private final Posix posix;
    private final int fd;

    RouteSocket(final Posix posix) throws PosixException {
        this.posix = posix;
        this.fd = posix.socket(Linux.AF_NETLINK, Linux.SOCK_RAW | Linux.SOCK_CLOEXEC | Linux.SOCK_NONBLOCK, Linux.NETLINK_ROUTE);
    }

    /** Has a request done. @param what for the error's message */
    void request(final RouteMessage message, final String what) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] bytes = message.toByteArray();
            final MemorySegment memory = arena.allocate(ANSWER_CAPACITY, Integer.BYTES);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
            final long sent = posix.send(fd, memory.address(), bytes.length, 0);
            if (sent < 0) {
                throw new PosixException("rtnetlink", (int) -sent, what);
            }
            int error;
            do {
                final long length = posix.read(fd, memory.address(), ANSWER_CAPACITY);
                if (length <= 0) {
                    throw new PosixException("rtnetlink", length == 0 ? Errno.EPIPE : (int) -length, what);
                }
                error = RouteMessage.error(memory.asByteBuffer(), (int) length);
            } while (error < 0);
            if (error > 0) {
                throw new PosixException("rtnetlink", error, what);
            }
        }
    }

    /** @return the number of an interface */
    int index(final String name) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena, name, Linux.SIOCGIFINDEX).get(ValueLayout.JAVA_INT, IFREQ_ANSWER);
        }
    }

    /** @return its hardware address */
    ByteString hardwareAddress(final String name) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            return ByteString.copyOf(ask(arena, name, Linux.SIOCGIFHWADDR), HARDWARE_ADDRESS, HARDWARE_ADDRESS_LENGTH);
        }
    }

    private MemorySegment ask(final Arena arena, final String name, final long request) throws PosixException {
        final MemorySegment ifreq = arena.allocate(IFREQ_LENGTH, Long.BYTES);
        final byte[] text = name.getBytes(StandardCharsets.UTF_8);
        MemorySegment.copy(text, 0, ifreq, ValueLayout.JAVA_BYTE, 0, Math.min(text.length, IFREQ_ANSWER - 1));
        final int asked = posix.socket(Linux.AF_INET, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        try {
            posix.ioctl(asked, request, ifreq.address());
        } finally {
            posix.closeQuietly(asked);
        }
        return ifreq;
    }

    @Override
    public void close() {
        posix.closeQuietly(fd);
    }
}
