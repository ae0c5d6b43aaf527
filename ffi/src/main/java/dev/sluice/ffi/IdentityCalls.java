package dev.sluice.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Identity and limits. The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 *
 * <p>The C library's wrappers of the calls that change identity make the change in every thread of the process: these go past them.
 */
final class IdentityCalls {
    private static final MethodHandle SETRESUID = Downcall.rawSystemCall(Abi.SYS_SETRESUID, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SETRESGID = Downcall.rawSystemCall(Abi.SYS_SETRESGID, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SETGROUPS = Downcall.rawSystemCall(Abi.SYS_SETGROUPS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PRLIMIT = Downcall.settingErrno("prlimit", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FCHOWN = Downcall.settingErrno("fchown", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle MKNODAT = Downcall.settingErrno("mknodat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);

    private IdentityCalls() {
    }

    static int setresuid(final int real, final int effective, final int saved) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SETRESUID.invokeExact(state, real, effective, saved), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int setresgid(final int real, final int effective, final int saved) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SETRESGID.invokeExact(state, real, effective, saved), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int setgroups(final long count, final long groupsAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SETGROUPS.invokeExact(state, count, groupsAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int prlimit(final int pid, final int resource, final long newLimitAddress, final long oldLimitAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) PRLIMIT.invokeExact(state, pid, resource, newLimitAddress, oldLimitAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int fchown(final int fd, final int uid, final int gid) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) FCHOWN.invokeExact(state, fd, uid, gid), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int mknodat(final int directoryFd, final long pathAddress, final int mode, final long device) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) MKNODAT.invokeExact(state, directoryFd, pathAddress, mode, device), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
