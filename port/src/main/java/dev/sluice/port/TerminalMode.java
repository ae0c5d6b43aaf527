package dev.sluice.port;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The mode of a terminal that carries bytes and not lines.
 *
 * <pre>
 *   the kernel's struct termios (include/uapi/asm-generic/termbits.h), not glibc's, which is longer
 *    0 c_iflag   4 c_oflag   8 c_cflag   12 c_lflag   16 c_line (1 byte)   17 c_cc[19]   36
 * </pre>
 */
final class TerminalMode {
    private static final int LENGTH = 36;
    private static final int INPUT_FLAGS = 0;
    private static final int OUTPUT_FLAGS = 4;
    private static final int CONTROL_FLAGS = 8;
    private static final int LOCAL_FLAGS = 12;
    private static final int CONTROL_CHARACTERS = 17;

    private TerminalMode() {
    }

    /** @return whether the descriptor is a terminal */
    static boolean isTerminal(final Posix posix, final int fd) {
        try (Arena arena = Arena.ofConfined()) {
            return posix.syscalls().ioctl(fd, Linux.TCGETS, arena.allocate(LENGTH, Integer.BYTES).address()) >= 0;
        }
    }

    /** Does what cfmakeraw(3) does. */
    static void makeRaw(final Posix posix, final int fd) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mode = arena.allocate(LENGTH, Integer.BYTES);
            posix.ioctl(fd, Linux.TCGETS, mode.address());
            clear(mode, INPUT_FLAGS, Linux.IGNBRK | Linux.BRKINT | Linux.PARMRK | Linux.ISTRIP | Linux.INLCR | Linux.IGNCR | Linux.ICRNL
                | Linux.IXON);
            clear(mode, OUTPUT_FLAGS, Linux.OPOST);
            clear(mode, LOCAL_FLAGS, Linux.ECHO | Linux.ECHONL | Linux.ICANON | Linux.ISIG | Linux.IEXTEN);
            clear(mode, CONTROL_FLAGS, Linux.CSIZE | Linux.PARENB);
            mode.set(ValueLayout.JAVA_INT, CONTROL_FLAGS, mode.get(ValueLayout.JAVA_INT, CONTROL_FLAGS) | Linux.CS8);
            mode.set(ValueLayout.JAVA_BYTE, CONTROL_CHARACTERS + Linux.VMIN, (byte) 1);
            mode.set(ValueLayout.JAVA_BYTE, CONTROL_CHARACTERS + Linux.VTIME, (byte) 0);
            posix.ioctl(fd, Linux.TCSETS, mode.address());
        }
    }

    private static void clear(final MemorySegment mode, final int offset, final int flags) {
        mode.set(ValueLayout.JAVA_INT, offset, mode.get(ValueLayout.JAVA_INT, offset) & ~flags);
    }
}
