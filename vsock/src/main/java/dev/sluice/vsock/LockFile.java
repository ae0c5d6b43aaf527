package dev.sluice.vsock;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Says which one process owns something: a file locked with flock(2), which ends with the process however it ends. The file has the owner's
 * process id in it and stays behind when the lock is released: removing it would let two processes hold locks on two files of one name.
 *
 * <p>A file that looks like anything else than a lock is somebody's that happens to have the name, and is left as it is.
 */
final class LockFile implements Closeable {
    private static final int MODE = 0600;
    private static final int FLAGS = Linux.O_RDWR | Linux.O_CREAT | Linux.O_CLOEXEC | Abi.O_NOFOLLOW;
    /** More than {@link #PROCESS_ID} can be. */
    private static final int CONTENT_LENGTH = 16;
    private static final Pattern PROCESS_ID = Pattern.compile("[0-9]{1,10}\n?");
    /** Zeros are what a loss of power may have made of a process id. */
    private static final Pattern NOTHING = Pattern.compile("\\x00{0,11}");

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
     * @throws IOException if somebody else has it, the file is no lock of this user's, or it cannot be opened
     */
    static LockFile acquire(final Posix posix, final Path path, final String what) throws IOException {
        final int fd = open(posix, path, what);
        try {
            final SocketFile found = SocketFile.at(path);
            if (found != null && !found.isOnlyFileOf(PeerCredentials.own(posix).uid())) {
                throw notALock(path);
            }
            final PosixException taken = tryLock(posix, fd);
            final String content = read(path);
            if (taken != null) {
                final String owner = PROCESS_ID.matcher(content).matches() ? content.strip() : "(unknown)";
                throw new IOException(what + " is in use by process " + owner + ", which holds the lock on " + path, taken);
            }
            if (!PROCESS_ID.matcher(content).matches() && !NOTHING.matcher(content).matches()) {
                throw notALock(path);
            }
            posix.ftruncate(fd, 0);
            writeOwner(posix, fd);
            return new LockFile(posix, path, fd);
        } catch (final IOException | RuntimeException e) {
            posix.closeQuietly(fd);
            throw e;
        }
    }

    private static int open(final Posix posix, final Path path, final String what) throws IOException {
        try {
            return posix.open(path.toString(), FLAGS, MODE);
        } catch (final PosixException e) {
            throw new IOException(what + ": cannot open its lock " + path + ": " + Errno.describe(e.errno()), e);
        }
    }

    /** {@return null, or how it failed that somebody else has the lock} */
    private static PosixException tryLock(final Posix posix, final int fd) throws PosixException {
        try {
            posix.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
            return null;
        } catch (final PosixException e) {
            if (e.errno() == Errno.EAGAIN) {
                return e;
            }
            throw e;
        }
    }

    private static IOException notALock(final Path path) {
        return new IOException(path + " exists and is not a lock of this user, so it is left alone: remove it, or use another path for the "
            + "socket");
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

    /** {@return what the file begins with: all of a lock, or more than a lock has in it} */
    private static String read(final Path path) throws IOException {
        try (InputStream content = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            return new String(content.readNBytes(CONTENT_LENGTH), ISO_8859_1);
        } catch (final NoSuchFileException e) {
            // Removed a moment ago; simulated systems have it in their own memory alone.
            return "";
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
