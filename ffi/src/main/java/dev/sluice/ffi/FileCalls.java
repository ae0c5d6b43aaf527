package dev.sluice.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Descriptors of every kind: transfer, creation and control.
 *
 * <p>The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 */
final class FileCalls {
    private static final MethodHandle READ = Downcall.settingErrno("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle WRITE = Downcall.settingErrno("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle READV = Downcall.settingErrno("readv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle WRITEV = Downcall.settingErrno("writev", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SPLICE = Downcall.settingErrno(
        "splice", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle LSEEK = Downcall.settingErrno("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle OPEN = Downcall.variadic("open", 2, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle OPENAT = Downcall.variadic("openat", 3, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle MKDIRAT = Downcall.settingErrno("mkdirat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RENAMEAT = Downcall.settingErrno(
        "renameat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle STATX = Downcall.settingErrno(
        "statx", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle CLOSE = Downcall.settingErrno("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle PIPE2 = Downcall.settingErrno("pipe2", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EVENTFD = Downcall.settingErrno("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle FCNTL = Downcall.variadic("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle IOCTL = Downcall.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FCHMOD = Downcall.settingErrno("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle FLOCK = Downcall.settingErrno("flock", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle FTRUNCATE = Downcall.settingErrno("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);

    private FileCalls() {
    }

    static long read(final int fd, final long address, final long length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) READ.invokeExact(state, fd, address, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long write(final int fd, final long address, final long length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) WRITE.invokeExact(state, fd, address, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long readv(final int fd, final long iovecAddress, final int count) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) READV.invokeExact(state, fd, iovecAddress, count), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long writev(final int fd, final long iovecAddress, final int count) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) WRITEV.invokeExact(state, fd, iovecAddress, count), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long splice(
        final int inFd, final long inOffsetAddress, final int outFd, final long outOffsetAddress, final long length, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) SPLICE.invokeExact(state, inFd, inOffsetAddress, outFd, outOffsetAddress, length, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long lseek(final int fd, final long offset, final int whence) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) LSEEK.invokeExact(state, fd, offset, whence), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int open(final long pathAddress, final int flags, final int mode) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) OPEN.invokeExact(state, pathAddress, flags, mode), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int openat(final int directoryFd, final long pathAddress, final int flags, final int mode) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) OPENAT.invokeExact(state, directoryFd, pathAddress, flags, mode), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int mkdirat(final int directoryFd, final long pathAddress, final int mode) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) MKDIRAT.invokeExact(state, directoryFd, pathAddress, mode), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int renameat(final int oldFd, final long oldPathAddress, final int newFd, final long newPathAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) RENAMEAT.invokeExact(state, oldFd, oldPathAddress, newFd, newPathAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int statx(final int directoryFd, final long pathAddress, final int flags, final int mask, final long bufferAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) STATX.invokeExact(state, directoryFd, pathAddress, flags, mask, bufferAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int close(final int fd) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) CLOSE.invokeExact(state, fd), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int pipe2(final long pairAddress, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) PIPE2.invokeExact(state, pairAddress, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int eventfd(final int initialValue, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) EVENTFD.invokeExact(state, initialValue, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int fcntl(final int fd, final int command, final long argument) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) FCNTL.invokeExact(state, fd, command, argument), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int ioctl(final int fd, final long request, final long argument) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) IOCTL.invokeExact(state, fd, request, argument), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int fchmod(final int fd, final int mode) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) FCHMOD.invokeExact(state, fd, mode), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int flock(final int fd, final int operation) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) FLOCK.invokeExact(state, fd, operation), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int ftruncate(final int fd, final long length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) FTRUNCATE.invokeExact(state, fd, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
