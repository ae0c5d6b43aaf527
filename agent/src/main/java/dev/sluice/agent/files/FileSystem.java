package dev.sluice.agent.files;

import dev.sluice.ffi.CString;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.statx;
import dev.sluice.protocol.ByteString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The calls on files, with names in bytes and failures as {@link FileException}. A name is one name in a directory whose descriptor is
 * given, unless a method says otherwise.
 *
 * <p>Stateless, any number of threads. Every call may block.
 */
public final class FileSystem {
    /** Longest target of a symbolic link, and path in /proc: PATH_MAX of linux/limits.h. */
    private static final int PATH_MAX = 4096;
    private static final String OWN_DESCRIPTORS = "/proc/self/fd/";
    private static final ByteString EMPTY = ByteString.EMPTY;

    private final Posix posix;

    /**
     * Puts this on a system's calls.
     *
     * @param posix the calls
     */
    public FileSystem(final Posix posix) {
        this.posix = posix;
    }

    Posix posix() {
        return posix;
    }

    static MemorySegment string(final Arena arena, final ByteString bytes) throws FileException {
        if (bytes.indexOf(0) >= 0) {
            throw new FileException("file name contained an unexpected NUL byte");
        }
        return CString.of(arena, bytes.toByteArray());
    }

    static int checked(final int result) throws FileException {
        if (result < 0) {
            throw new FileException(-result);
        }
        return result;
    }

    static long checked(final long result) throws FileException {
        if (result < 0) {
            throw new FileException((int) -result);
        }
        return result;
    }

    int openat(final int directory, final ByteString path, final int flags, final int mode) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            return checked(posix.openat(directory, string(arena, path).address(), flags | Linux.O_CLOEXEC, mode));
        }
    }

    FileStatus status(final int fd) throws FileException {
        return status(fd, EMPTY, Linux.AT_EMPTY_PATH);
    }

    /** Does not follow a link. */
    FileStatus status(final int directory, final ByteString name) throws FileException {
        return status(directory, name, Linux.AT_SYMLINK_NOFOLLOW);
    }

    private FileStatus status(final int directory, final ByteString name, final int flags) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(statx.layout());
            checked(posix.statx(
                directory, string(arena, name).address(), flags | Linux.AT_NO_AUTOMOUNT, FileStatus.MASK, buffer.address()));
            return FileStatus.of(buffer);
        }
    }

    void mkdirat(final int directory, final ByteString name, final int mode) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            checked(posix.mkdirat(directory, string(arena, name).address(), mode));
        }
    }

    void unlinkat(final int directory, final ByteString name, final int flags) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            checked(posix.unlinkat(directory, string(arena, name).address(), flags));
        }
    }

    void renameat(final int oldDirectory, final ByteString oldName, final int newDirectory, final ByteString newName)
        throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            checked(posix.renameat(oldDirectory, string(arena, oldName).address(), newDirectory, string(arena, newName).address()));
        }
    }

    void symlinkat(final ByteString target, final int directory, final ByteString name) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            checked(posix.symlinkat(string(arena, target).address(), directory, string(arena, name).address()));
        }
    }

    /** Of a link's own descriptor (O_PATH) with an empty name. */
    ByteString readlinkat(final int directory, final ByteString name) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(PATH_MAX);
            final int length = (int) checked(posix.readlinkat(directory, string(arena, name).address(), buffer.address(), PATH_MAX));
            return ByteString.copyOf(buffer, 0, length);
        }
    }

    /**
     * What the kernel calls that which a descriptor is of. A path, mostly; of what has no name, or has been removed, a text that may be
     * another file's path.
     *
     * @return the text
     */
    ByteString nameOf(final int fd) throws FileException {
        try {
            return readlinkat(Linux.AT_FDCWD, ByteString.of(OWN_DESCRIPTORS + fd));
        } catch (final FileException e) {
            throw explained(e);
        }
    }

    /** Opens anew what a descriptor is of, O_PATH ones included. @return another descriptor, the caller's */
    int reopen(final int fd, final int flags) throws FileException {
        try {
            return openat(Linux.AT_FDCWD, ByteString.of(OWN_DESCRIPTORS + fd), flags, 0);
        } catch (final FileException e) {
            throw explained(e);
        }
    }

    /** Of any descriptor, O_PATH ones included, which fchmod refuses; not of a link's. */
    void chmod(final int fd, final int mode) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            checked(posix.fchmodat(Linux.AT_FDCWD, CString.of(arena, OWN_DESCRIPTORS + fd).address(), mode & FileStatus.PERMISSIONS, 0));
        } catch (final FileException e) {
            throw explained(e);
        }
    }

    /** What is open is found there, unless there is no such directory. */
    private static FileException explained(final FileException failure) {
        return failure.errno() == Errno.ENOENT
            ? new FileException("/proc is not mounted where the agent runs: " + failure.getMessage()) : failure;
    }

    /** Of any descriptor, also a link's. */
    void chown(final int fd, final int uid, final int gid) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            checked(posix.fchownat(fd, string(arena, EMPTY).address(), uid, gid, Linux.AT_EMPTY_PATH));
        }
    }

    void truncate(final int fd, final long length) throws FileException {
        int result;
        do {
            result = posix.syscalls().ftruncate(fd, length);
        } while (result == -Errno.EINTR);
        checked(result);
    }

    void fsync(final int fd) throws FileException {
        checked(posix.fsync(fd));
    }

    /**
     * Closes.
     *
     * @throws FileException what an earlier write failed with; the descriptor is gone all the same
     */
    void close(final int fd) throws FileException {
        final int result = posix.syscalls().close(fd);
        if (result < 0 && result != -Errno.EINTR) {
            throw new FileException(-result);
        }
    }

    void closeQuietly(final int fd) {
        posix.closeQuietly(fd);
    }

    /** Of any descriptor, also a link's. */
    void setTimes(final int fd, final MemorySegment times) throws FileException {
        try (Arena arena = Arena.ofConfined()) {
            checked(posix.utimensat(fd, string(arena, EMPTY).address(), times.address(), Linux.AT_EMPTY_PATH));
        }
    }

    /** Bytes of a C string's memory are of no alignment. */
    static byte byteAt(final MemorySegment memory, final long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, offset);
    }
}
