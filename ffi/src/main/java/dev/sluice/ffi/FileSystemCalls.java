package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Files by name and at offsets.
 *
 * <p>The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 */
final class FileSystemCalls {
    private static final MethodHandle PREAD = Downcall.settingErrno("pread", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PWRITE = Downcall.settingErrno("pwrite", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PREADV2 = Downcall.settingErrno(
        "preadv2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle OPENAT2 = Downcall.systemCall(
        "openat2", Linux.SYS_openat2, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle UNLINKAT = Downcall.settingErrno("unlinkat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SYMLINKAT = Downcall.settingErrno("symlinkat", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle READLINKAT = Downcall.settingErrno(
        "readlinkat", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FCHMODAT = Downcall.settingErrno("fchmodat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle FCHOWNAT = Downcall.settingErrno(
        "fchownat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle UTIMENSAT = Downcall.settingErrno("utimensat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETDENTS64 = Downcall.settingErrno("getdents64", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FSYNC = Downcall.settingErrno("fsync", JAVA_INT, JAVA_INT);

    private FileSystemCalls() {
    }

    static long pread(final int fd, final long address, final long length, final long offset) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) PREAD.invokeExact(state, fd, address, length, offset), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long pwrite(final int fd, final long address, final long length, final long offset) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) PWRITE.invokeExact(state, fd, address, length, offset), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long preadv2(final int fd, final long iovecAddress, final int count, final long offset, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) PREADV2.invokeExact(state, fd, iovecAddress, count, offset, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int openat2(final int directoryFd, final long pathAddress, final long howAddress, final long howLength) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) OPENAT2.invokeExact(state, directoryFd, pathAddress, howAddress, howLength), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int unlinkat(final int directoryFd, final long pathAddress, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) UNLINKAT.invokeExact(state, directoryFd, pathAddress, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int symlinkat(final long targetAddress, final int directoryFd, final long linkPathAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SYMLINKAT.invokeExact(state, targetAddress, directoryFd, linkPathAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long readlinkat(final int directoryFd, final long pathAddress, final long address, final long length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) READLINKAT.invokeExact(state, directoryFd, pathAddress, address, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int fchmodat(final int directoryFd, final long pathAddress, final int mode, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) FCHMODAT.invokeExact(state, directoryFd, pathAddress, mode, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int fchownat(final int directoryFd, final long pathAddress, final int uid, final int gid, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) FCHOWNAT.invokeExact(state, directoryFd, pathAddress, uid, gid, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int utimensat(final int directoryFd, final long pathAddress, final long timesAddress, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) UTIMENSAT.invokeExact(state, directoryFd, pathAddress, timesAddress, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long getdents64(final int fd, final long address, final long length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) GETDENTS64.invokeExact(state, fd, address, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int fsync(final int fd) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) FSYNC.invokeExact(state, fd), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
