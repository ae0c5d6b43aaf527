package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.winsize;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A pseudo terminal that is being made: the master, which the agent reads and writes, and the slave, which a program gets as its terminal.
 *
 * <p>The slave is held open until the program has it: a master whose slave nobody has open looks as if the program had ended. Source:
 * pts(4), ioctl_tty(2). Any thread.
 *
 * @param master descriptor, non-blocking, the owner's
 * @param slave descriptor of the terminal itself, the owner's
 */
record PseudoTerminal(int master, int slave) {
    private static final String MULTIPLEXER = "/dev/ptmx";
    /** Where the multiplexer is when only the file system of terminals is mounted. */
    private static final String MOUNTED_MULTIPLEXER = "/dev/pts/ptmx";
    private static final int SLAVE_FLAGS = Linux.O_RDWR | Linux.O_NOCTTY | Linux.O_CLOEXEC;

    /**
     * Makes one.
     *
     * @param posix the calls
     * @param rows of characters, 0 to 65535
     * @param columns of characters, 0 to 65535
     * @return the terminal, both descriptors the caller's
     * @throws PosixException if the system has none, or none left
     */
    static PseudoTerminal open(final Posix posix, final int rows, final int columns) throws PosixException {
        final int master = openMaster(posix);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment unlocked = arena.allocate(ValueLayout.JAVA_INT);
            posix.ioctl(master, Linux.TIOCSPTLCK, unlocked.address());
            final int result = resize(posix, master, arena.allocate(winsize.layout()), rows, columns);
            if (result < 0) {
                throw new PosixException("ioctl", -result, master, Linux.TIOCSWINSZ);
            }
            return new PseudoTerminal(master, posix.ioctl(master, Linux.TIOCGPTPEER, SLAVE_FLAGS));
        } catch (final PosixException e) {
            posix.closeQuietly(master);
            throw e;
        }
    }

    private static int openMaster(final Posix posix) throws PosixException {
        final int flags = Linux.O_RDWR | Linux.O_NOCTTY | Linux.O_CLOEXEC | Linux.O_NONBLOCK;
        try {
            return posix.open(MULTIPLEXER, flags, 0);
        } catch (final PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
            return posix.open(MOUNTED_MULTIPLEXER, flags, 0);
        }
    }

    /**
     * Tells a terminal, and by SIGWINCH the programs on it, how large it is.
     *
     * @param posix the calls
     * @param master of the terminal
     * @param scratch native memory for a {@code struct winsize}
     * @param rows of characters, 0 to 65535
     * @param columns of characters, 0 to 65535
     * @return 0, or -errno
     */
    static int resize(final Posix posix, final int master, final MemorySegment scratch, final int rows, final int columns) {
        final MemorySegment size = scratch.asSlice(0, winsize.sizeof()).fill((byte) 0);
        winsize.ws_row(size, (short) rows);
        winsize.ws_col(size, (short) columns);
        return posix.syscalls().ioctl(master, Linux.TIOCSWINSZ, size.address());
    }
}
