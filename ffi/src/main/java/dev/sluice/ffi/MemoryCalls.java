package dev.sluice.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Anonymous files and mappings. The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 */
final class MemoryCalls {
    private static final MethodHandle MEMFD_CREATE = Downcall.settingErrno("memfd_create", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle MMAP = Downcall.settingErrno(
        "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = Downcall.settingErrno("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG);

    private MemoryCalls() {
    }

    static int memfdCreate(final long nameAddress, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) MEMFD_CREATE.invokeExact(state, nameAddress, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static long mmap(final long hintAddress, final long length, final int protection, final int flags, final int fd, final long offset) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((long) MMAP.invokeExact(state, hintAddress, length, protection, flags, fd, offset), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int munmap(final long address, final long length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) MUNMAP.invokeExact(state, address, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
