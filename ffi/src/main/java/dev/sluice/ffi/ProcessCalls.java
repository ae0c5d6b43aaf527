package dev.sluice.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Processes that exist, and the clock that they share.
 *
 * <p>The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 */
final class ProcessCalls {
    // Calls this young have one number on all architectures (asm-generic/unistd.h). Their glibc wrappers came with 2.36.
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;

    private static final MethodHandle WAITID = Downcall.settingErrno("waitid", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle PIDFD_OPEN = Downcall.systemCall("pidfd_open", SYS_PIDFD_OPEN, JAVA_INT, JAVA_INT);
    private static final MethodHandle PIDFD_SEND_SIGNAL =
        Downcall.systemCall("pidfd_send_signal", SYS_PIDFD_SEND_SIGNAL, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle KILL = Downcall.settingErrno("kill", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOCK_SETTIME = Downcall.settingErrno("clock_settime", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PRCTL = Downcall.variadic("prctl", 1, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private ProcessCalls() {
    }

    static int waitid(final int idType, final int id, final long siginfoAddress, final int options) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) WAITID.invokeExact(state, idType, id, siginfoAddress, options), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int pidfdOpen(final int pid, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) PIDFD_OPEN.invokeExact(state, pid, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int pidfdSendSignal(final int pidFd, final int signal) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) PIDFD_SEND_SIGNAL.invokeExact(state, pidFd, signal, 0L, 0), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int kill(final int pid, final int signal) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) KILL.invokeExact(state, pid, signal), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int clockSettime(final int clock, final long timespecAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) CLOCK_SETTIME.invokeExact(state, clock, timespecAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int prctl(final int option, final long argument2, final long argument3, final long argument4, final long argument5) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) PRCTL.invokeExact(state, option, argument2, argument3, argument4, argument5), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
