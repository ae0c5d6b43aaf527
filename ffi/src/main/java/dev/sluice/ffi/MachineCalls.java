package dev.sluice.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * What changes the machine.
 *
 * <p>The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 */
final class MachineCalls {
    private static final MethodHandle MOUNT =
        Downcall.settingErrno("mount", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle UMOUNT2 = Downcall.settingErrno("umount2", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SETHOSTNAME = Downcall.settingErrno("sethostname", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SYNC = Downcall.returningNothing("sync");
    private static final MethodHandle REBOOT = Downcall.settingErrno("reboot", JAVA_INT, JAVA_INT);

    private MachineCalls() {
    }

    static int mount(
        final long sourceAddress, final long targetAddress, final long typeAddress, final long flags, final long dataAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result(
                (int) MOUNT.invokeExact(state, sourceAddress, targetAddress, typeAddress, flags, dataAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int umount2(final long targetAddress, final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) UMOUNT2.invokeExact(state, targetAddress, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int sethostname(final long nameAddress, final long length) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) SETHOSTNAME.invokeExact(state, nameAddress, length), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int sync() {
        try {
            SYNC.invokeExact(Downcall.state());
            return 0;
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int reboot(final int action) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) REBOOT.invokeExact(state, action), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
