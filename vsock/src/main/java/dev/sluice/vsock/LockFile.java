package dev.sluice.vsock;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Says which one process owns something: a file locked with flock(2), which ends with the process however it ends. The file has the owner's
 * process id in it and stays behind when the lock is released: removing it would let two processes hold locks on two files of one name.
 */
final class LockFile implements Closeable {
    private static final int MODE = 0600;

    private final Posix posix;
    private final int fd;
    private boolean closed;

    private LockFile(final Posix posix, final int fd) {
        this.posix = posix;
        this.fd = fd;
    }

    /**
     * Takes the lock without waiting.
     *
     * @throws IOException if somebody else has it, or the file cannot be opened
     */
    static LockFile acquire(final Posix posix, final Path path, final String what) throws IOException {
        final int fd = posix.open(path.toString(), Linux.O_RDWR | Linux.O_CREAT | Linux.O_CLOEXEC | Abi.O_NOFOLLOW, MODE);
        try {
            posix.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
            Files.writeString(path, ProcessHandle.current().pid() + "\n");
            return new LockFile(posix, fd);
        } catch (final PosixException e) {
            posix.closeQuietly(fd);
            if (e.errno() == Errno.EAGAIN) {
                throw new IOException(what + " is in use by process " + owner(path) + ", which holds the lock on " + path, e);
            }
            throw e;
        } catch (final IOException e) {
            posix.closeQuietly(fd);
            throw e;
        }
    }

    private static String owner(final Path path) {
        try {
            final String pid = Files.readString(path).strip();
            return pid.matches("[0-9]{1,10}") ? pid : "(unknown)";
        } catch (final IOException e) {
            return "(unknown)";
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            posix.closeQuietly(fd);
        }
    }
}
