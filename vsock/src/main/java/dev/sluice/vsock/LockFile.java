package dev.sluice.vsock;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * Says which one process owns something: a file locked with flock(2), which ends with the process however it ends. The file has the owner's
 * process id in it and stays behind when the lock is released: removing it would let two processes hold locks on two files of one name.
 */
final class LockFile implements Closeable {
    private static final int MODE = 0600;
    private static final int OWNER_LENGTH = 16;

    private final Posix posix;
    private final Path path;
    private final int fd;
    private boolean closed;

    private LockFile(final Posix posix, final Path path, final int fd) {
        this.posix = posix;
        this.path = path;
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
            posix.ftruncate(fd, 0);
            writeOwner(posix, fd);
            return new LockFile(posix, path, fd);
        } catch (final PosixException e) {
            final String owner = e.errno() == Errno.EAGAIN ? readOwner(posix, fd) : null;
            posix.closeQuietly(fd);
            if (owner != null) {
                throw new IOException(what + " is in use by process " + owner + ", which holds the lock on " + path, e);
            }
            throw e;
        }
    }

    /** {@return whether the lock can still be met at its path; if not, somebody else could get one there} */
    boolean isInPlace() throws IOException {
        return SocketFile.of(fd).isSameFile(SocketFile.at(path));
    }

    private static void writeOwner(final Posix posix, final int fd) {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(US_ASCII);
            // For people only: the lock holds whether or not this could be written.
            posix.write(fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, pid).address(), pid.length);
        }
    }

    private static String readOwner(final Posix posix, final int fd) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment text = arena.allocate(OWNER_LENGTH);
            final long length = posix.read(fd, text.address(), OWNER_LENGTH);
            final byte[] bytes = text.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE);
            final String pid = new String(bytes, US_ASCII).strip();
            return pid.matches("[0-9]{1,10}") ? pid : "(unknown)";
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
