package dev.sluice.cli;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A terminal for a process of a test, of which this test has the other end. */
final class PseudoTerminal implements AutoCloseable {
    private final Posix posix;
    private final int master;
    private final String slave;

    private PseudoTerminal(final Posix posix, final int master, final String slave) {
        this.posix = posix;
        this.master = master;
        this.slave = slave;
    }

    static PseudoTerminal open() throws IOException {
        final Posix posix = Posix.system();
        final int master = posix.open("/dev/ptmx", Linux.O_RDWR | Linux.O_NOCTTY | Linux.O_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
            posix.ioctl(master, Linux.TIOCSPTLCK, number.address());
            posix.ioctl(master, Linux.TIOCGPTN, number.address());
            return new PseudoTerminal(posix, master, "/dev/pts/" + number.get(ValueLayout.JAVA_INT, 0));
        }
    }

    File file() {
        return new File(slave);
    }

    /** Waits for a line that is written to the terminal. */
    String readLine() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment character = arena.allocate(1);
            final StringBuilder line = new StringBuilder();
            while (posix.read(master, character.address(), 1) == 1 && character.get(ValueLayout.JAVA_BYTE, 0) != '\n') {
                line.append((char) character.get(ValueLayout.JAVA_BYTE, 0));
            }
            return line.toString().strip();
        }
    }

    @Override
    public void close() {
        posix.closeQuietly(master);
    }
}
