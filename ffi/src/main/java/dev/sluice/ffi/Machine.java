package dev.sluice.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

import static dev.sluice.ffi.Outcome.succeeded;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The {@link MachineSyscalls} as programs want them: failures described. Calls that a signal interrupted are made again.
 *
 * <p><b>Threads.</b> Stateless, any number of threads. Calls block their thread for as long as file systems take.
 */
public final class Machine {
    private final MachineSyscalls calls;

    /**
     * Puts this layer on an implementation.
     *
     * @param posix has the calls
     */
    public Machine(final Posix posix) {
        this.calls = posix.syscalls();
    }

    /**
     * mount(2).
     *
     * @param source what is mounted, or null where the kind of mount has none
     * @param target where, without NUL
     * @param type of the file system, or null where the kind of mount has none
     * @param flags {@code MS_} flags
     * @param data options of the file system, or null
     * @throws PosixException if the call fails
     */
    public void mount(final byte[] source, final byte[] target, final String type, final long flags, final String data)
        throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final long sourceAddress = string(arena, source);
            final long targetAddress = string(arena, target);
            final long typeAddress = string(arena, type == null ? null : type.getBytes(UTF_8));
            final long dataAddress = string(arena, data == null ? null : data.getBytes(UTF_8));
            succeeded(
                Outcome.repeated(() -> calls.mount(sourceAddress, targetAddress, typeAddress, flags, dataAddress)),
                "mount", source == null ? null : new String(source, UTF_8), new String(target, UTF_8), type, flags, data);
        }
    }

    /**
     * umount2(2).
     *
     * @param target the mount point, without NUL
     * @param flags {@code MNT_} and {@code UMOUNT_} flags
     * @throws PosixException if the call fails
     */
    public void unmount(final byte[] target, final int flags) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final long targetAddress = string(arena, target);
            succeeded(Outcome.repeated(() -> calls.umount2(targetAddress, flags)), "umount2", new String(target, UTF_8), flags);
        }
    }

    /**
     * sethostname(2).
     *
     * @param name passed as UTF-8
     * @throws PosixException if the call fails
     */
    public void setHostName(final String name) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment bytes = CString.of(arena, name);
            succeeded(calls.sethostname(bytes.address(), bytes.byteSize() - 1), "sethostname", name);
        }
    }

    /** sync(2). Waits for every file system. */
    public void sync() {
        calls.sync();
    }

    /**
     * reboot(2).
     *
     * @param action an {@code RB_} action
     * @throws PosixException if the call fails
     */
    public void reboot(final int action) throws PosixException {
        succeeded(calls.reboot(action), "reboot", action);
    }

    private static long string(final SegmentAllocator allocator, final byte[] bytes) {
        return bytes == null ? 0 : CString.of(allocator, bytes).address();
    }
}
