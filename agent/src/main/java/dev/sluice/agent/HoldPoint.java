package dev.sluice.agent;

import dev.sluice.ffi.CString;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a child waits that has not executed anything yet: a FIFO that it opens for reading, which takes until somebody opens it for
 * writing. A pipe does not serve, since opening one of those through {@code /proc} never waits.
 *
 * <p>The FIFO needs a name for a moment only, in any directory that can be written to, preferably one in memory. Source: fifo(7), fifo_open
 * in fs/pipe.c. One thread.
 */
final class HoldPoint implements AutoCloseable {
    private static final List<String> DIRECTORIES = List.of("/dev/shm", "/run", "/dev", "/tmp");
    /** Whoever the child runs as reads it; nobody else finds it. */
    private static final int MODE = 0644;
    private static final int MODE_MASK = 0777;

    private final Posix posix;
    private final int fd;

    private HoldPoint(final Posix posix, final int fd) {
        this.posix = posix;
        this.fd = fd;
    }

    /**
     * Makes one.
     *
     * @param posix the calls
     * @param name that no other has
     * @return the place
     * @throws PosixException if there is no directory for it; the error is that of the last one
     */
    static HoldPoint make(final Posix posix, final String name) throws PosixException {
        PosixException last = null;
        for (final String directory : DIRECTORIES) {
            try {
                return new HoldPoint(posix, makeIn(posix, directory + "/." + name));
            } catch (final PosixException e) {
                last = e;
            } catch (final IOException e) {
                // It could be made, so it can be removed; if not, another directory will do.
                last = new PosixException("unlink", Errno.EACCES, directory);
            }
        }
        throw last;
    }

    private static int makeIn(final Posix posix, final String path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment string = CString.of(arena, path);
            final int result = posix.syscalls().mknodat(Linux.AT_FDCWD, string.address(), Linux.S_IFIFO | MODE, 0);
            if (result < 0) {
                throw new PosixException("mknodat", -result, path);
            }
            try {
                openToAll(posix, path);
                return posix.open(path, Linux.O_PATH | Linux.O_CLOEXEC | Linux.O_NOFOLLOW, 0);
            } finally {
                Files.deleteIfExists(Path.of(path));
            }
        }
    }

    /** Whatever the umask has taken away. */
    private static void openToAll(final Posix posix, final String path) throws PosixException {
        final int reader = posix.open(path, Linux.O_RDONLY | Linux.O_NONBLOCK | Linux.O_CLOEXEC | Linux.O_NOFOLLOW, 0);
        try {
            posix.fchmod(reader, MODE & MODE_MASK);
        } finally {
            posix.closeQuietly(reader);
        }
    }

    /** @return the descriptor through which the child opens it */
    int fd() {
        return fd;
    }

    /** Lets the child that waits go on. Without effect when there is none. @return whether there was one */
    boolean release() throws PosixException {
        try {
            posix.closeQuietly(posix.open("/proc/self/fd/" + fd, Linux.O_WRONLY | Linux.O_NONBLOCK | Linux.O_CLOEXEC, 0));
            return true;
        } catch (final PosixException e) {
            if (e.errno() != Errno.ENXIO) {
                throw e;
            }
            return false;
        }
    }

    @Override
    public void close() {
        posix.closeQuietly(fd);
    }
}
