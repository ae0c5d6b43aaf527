package dev.sluice.vsock;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.sockaddr_un;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The path of a Unix socket. Abstract names are not supported: they have neither an owner nor permissions.
 *
 * <p>As {@code struct sockaddr_un} (include/uapi/linux/un.h): the family in 2 bytes, then up to 108 bytes of path that end with a NUL.
 *
 * @param path as given; relative paths are meant relative to the working directory at the time of each call
 */
public record UnixAddress(String path) {
    /** Longest path in bytes of UTF-8: {@code sun_path} less its NUL. */
    public static final int MAX_PATH_LENGTH = 107;

    private static final long PATH_OFFSET = sockaddr_un.sun_path$offset();

    /**
     * Checks that the path can be an address.
     *
     * @param path of the socket
     * @throws IllegalArgumentException if it is empty, has a NUL in it or is too long for {@code sun_path}
     */
    public UnixAddress {
        final int length = path.getBytes(UTF_8).length;
        if (length == 0) {
            throw new IllegalArgumentException("path of a Unix socket is empty");
        }
        if (path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("path of a Unix socket has a NUL in it: path=" + path.replace('\0', '?'));
        }
        if (length > MAX_PATH_LENGTH) {
            throw new IllegalArgumentException(
                "path of a Unix socket is too long, use a shorter or a relative one: length=" + length + " most=" + MAX_PATH_LENGTH
                    + " path=" + path);
        }
        try {
            Path.of(path);
        } catch (final InvalidPathException e) {
            throw new IllegalArgumentException("path of a Unix socket is not valid in this locale: path=" + path, e);
        }
    }

    /**
     * The address of a socket file.
     *
     * @param path of the socket
     * @return its address
     * @throws IllegalArgumentException if the path is empty or too long for {@code sun_path}
     */
    public static UnixAddress of(final Path path) {
        return new UnixAddress(path.toString());
    }

    /** {@return the path of the socket file} */
    public Path toPath() {
        return Path.of(path);
    }

    /**
     * The address as system calls take it.
     *
     * @param arena that the memory comes from
     * @return a whole {@code sockaddr_un}, no longer than the path needs
     */
    public MemorySegment toSockaddr(final Arena arena) {
        final byte[] bytes = path.getBytes(UTF_8);
        final MemorySegment address = arena.allocate(PATH_OFFSET + bytes.length + 1L, Short.BYTES);
        sockaddr_un.sun_family(address, (short) Linux.AF_UNIX);
        MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, PATH_OFFSET, bytes.length);
        return address;
    }

    @Override
    public String toString() {
        return path;
    }
}
