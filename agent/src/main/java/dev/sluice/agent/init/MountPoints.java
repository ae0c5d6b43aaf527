package dev.sluice.agent.init;

import dev.sluice.ffi.CString;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.lang.foreign.Arena;

/** Makes what something is mounted on, where it is missing. Paths are bytes. One thread. */
final class MountPoints {
    private static final int DIRECTORY_MODE = 0755;
    private static final int FILE_MODE = 0644;

    private final Posix posix;

    MountPoints(final Posix posix) {
        this.posix = posix;
    }

    /** Makes a directory and those above it. @param path an absolute path */
    void directory(final ByteString path) throws PosixException {
        for (int end = 1; end <= path.length(); end++) {
            if (end == path.length() || path.byteAt(end) == '/') {
                make(path.substring(0, end));
            }
        }
    }

    private void make(final ByteString path) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final int result =
                posix.mkdirat(Linux.AT_FDCWD, CString.of(arena, path.toByteArray()).address(), DIRECTORY_MODE);
            // One that is there need not be one that could be made, as on a file system that cannot be written.
            if (result < 0 && !isThere(path)) {
                throw new PosixException("mkdir", -result, path.toString());
            }
        }
    }

    /** Makes a file, and the directories above it. @param path an absolute path */
    void file(final ByteString path) throws PosixException {
        int slash = path.length() - 1;
        while (path.byteAt(slash) != '/') {
            slash--;
        }
        if (slash > 0) {
            directory(path.substring(0, slash));
        }
        if (!isThere(path)) {
            posix.close(posix.open(path.toByteArray(), Linux.O_WRONLY | Linux.O_CREAT | Linux.O_EXCL | Linux.O_CLOEXEC, FILE_MODE));
        }
    }

    private boolean isThere(final ByteString path) throws PosixException {
        try {
            posix.close(posix.open(path.toByteArray(), Linux.O_PATH | Linux.O_CLOEXEC, 0));
            return true;
        } catch (final PosixException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }
}
