package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A service manager's end of sd_notify(3). */
final class NotifySocket implements AutoCloseable {
    private static final int LIMIT_MS = 30_000;
    private static final int PATH_OFFSET = 2;

    private final Posix posix = Posix.system();
    private final int fd;

    /** Binds a path, or with {@code @} in front an abstract name. */
    NotifySocket(final String name) throws PosixException {
        fd = posix.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM | Linux.SOCK_CLOEXEC, 0);
        final byte[] bytes = name.getBytes(UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            final boolean isAbstract = bytes[0] == '@';
            final MemorySegment address = arena.allocate(PATH_OFFSET + bytes.length + (isAbstract ? 0 : 1), Short.BYTES);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) Linux.AF_UNIX);
            MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, PATH_OFFSET, bytes.length);
            if (isAbstract) {
                address.set(ValueLayout.JAVA_BYTE, PATH_OFFSET, (byte) 0);
            }
            posix.bind(fd, address);
        }
    }

    /** Returns the next message. */
    String receive() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment waited = pollfd.allocate(arena);
            pollfd.fd(waited, fd);
            pollfd.events(waited, (short) Linux.POLLIN);
            assertEquals(1, posix.poll(waited.address(), 1, LIMIT_MS), "no message");
            final MemorySegment buffer = arena.allocate(4096);
            final long length = posix.read(fd, buffer.address(), buffer.byteSize());
            assertTrue(length >= 0, "read: " + length);
            return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), UTF_8);
        }
    }

    @Override
    public void close() {
        posix.closeQuietly(fd);
    }
}
