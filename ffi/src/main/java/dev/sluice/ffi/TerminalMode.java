package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.termios;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a terminal does with the characters that pass through it: {@code struct termios} of the kernel. Immutable, of any number of threads.
 */
public final class TerminalMode {
    private static final int RAW_INPUT_OFF = Linux.IGNBRK | Linux.BRKINT | Linux.PARMRK | Linux.ISTRIP | Linux.INLCR | Linux.IGNCR
        | Linux.ICRNL | Linux.IXON;
    private static final int RAW_LOCAL_OFF = Linux.ECHO | Linux.ECHONL | Linux.ICANON | Linux.ISIG | Linux.IEXTEN;

    private final byte[] bytes;

    private TerminalMode(final byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads the mode of a terminal, as tcgetattr(3) does.
     *
     * @param posix the calls
     * @param fd the terminal
     * @return its mode
     * @throws PosixException if the call fails; ENOTTY when it is no terminal, EIO when that has hung up
     */
    public static TerminalMode of(final Posix posix, final int fd) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mode = termios.allocate(arena);
            posix.ioctl(fd, Linux.TCGETS, mode.address());
            return new TerminalMode(mode.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /**
     * The mode that this would be if every character passed as it is and at once, as cfmakeraw(3) makes it.
     *
     * @return another mode; what has nothing to do with that, such as the speed, is the same
     */
    public TerminalMode raw() {
        final byte[] copy = bytes.clone();
        final MemorySegment mode = MemorySegment.ofArray(copy);
        try (Arena arena = Arena.ofConfined()) {
            // The generated accessors want the alignment of the structure.
            final MemorySegment aligned = termios.allocate(arena).copyFrom(mode);
            termios.c_iflag(aligned, termios.c_iflag(aligned) & ~RAW_INPUT_OFF);
            termios.c_oflag(aligned, termios.c_oflag(aligned) & ~Linux.OPOST);
            termios.c_lflag(aligned, termios.c_lflag(aligned) & ~RAW_LOCAL_OFF);
            termios.c_cflag(aligned, termios.c_cflag(aligned) & ~(Linux.CSIZE | Linux.PARENB) | Linux.CS8);
            // Not through the generated setter with an index, which takes its first argument for the array.
            final MemorySegment characters = termios.c_cc(aligned);
            characters.set(ValueLayout.JAVA_BYTE, Linux.VMIN, (byte) 1);
            characters.set(ValueLayout.JAVA_BYTE, Linux.VTIME, (byte) 0);
            mode.copyFrom(aligned);
        }
        return new TerminalMode(copy);
    }

    /**
     * Gives a terminal this mode at once, as tcsetattr(3) with TCSANOW does: nothing that was typed or written is lost, and a terminal that
     * does not take output holds nobody up. A process in the background of the terminal's session is stopped by SIGTTOU.
     *
     * @param posix the calls
     * @param fd the terminal
     * @throws PosixException if the call fails; EIO when the terminal has hung up
     */
    public void apply(final Posix posix, final int fd) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mode = termios.allocate(arena).copyFrom(MemorySegment.ofArray(bytes));
            posix.ioctl(fd, Linux.TCSETS, mode.address());
        }
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof TerminalMode && Arrays.equals(bytes, ((TerminalMode) other).bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /**
     * The structure, for messages.
     *
     * @return its bytes in hexadecimal
     */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
