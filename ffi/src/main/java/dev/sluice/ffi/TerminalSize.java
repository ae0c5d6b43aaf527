package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.winsize;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The size of a terminal in characters: {@code struct winsize}.
 *
 * @param rows its height, 0 to 65535; 0 when nobody has said
 * @param columns its width, 0 to 65535; 0 when nobody has said
 */
public record TerminalSize(int rows, int columns) {
    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException when one is out of range
     */
    public TerminalSize {
        if (rows < 0 || rows > 0xFFFF || columns < 0 || columns > 0xFFFF) {
            throw new IllegalArgumentException("terminal size: rows=" + rows + " columns=" + columns);
        }
    }

    /**
     * Reads the size of a terminal.
     *
     * @param posix the calls
     * @param fd the terminal
     * @return its size
     * @throws PosixException if the call fails; ENOTTY when it is no terminal, EIO when that has hung up
     */
    public static TerminalSize of(final Posix posix, final int fd) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment size = winsize.allocate(arena);
            posix.ioctl(fd, Linux.TIOCGWINSZ, size.address());
            return new TerminalSize(Short.toUnsignedInt(winsize.ws_row(size)), Short.toUnsignedInt(winsize.ws_col(size)));
        }
    }

    /**
     * Gives a terminal this size; the processes in its foreground get SIGWINCH when that is another.
     *
     * @param posix the calls
     * @param fd either end of the terminal
     * @throws PosixException if the call fails
     */
    public void apply(final Posix posix, final int fd) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment size = winsize.allocate(arena);
            winsize.ws_row(size, (short) rows);
            winsize.ws_col(size, (short) columns);
            posix.ioctl(fd, Linux.TIOCSWINSZ, size.address());
        }
    }
}
