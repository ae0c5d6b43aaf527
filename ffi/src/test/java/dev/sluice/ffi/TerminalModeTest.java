package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Modes and sizes of a pseudo-terminal, as stty(1) sees them. */
class TerminalModeTest {
    private final Posix posix = Posix.system();
    private int master = -1;
    private int slave = -1;
    private String name;

    @BeforeEach
    void open() throws Exception {
        master = posix.open("/dev/ptmx", Linux.O_RDWR | Linux.O_NOCTTY | Linux.O_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment number = arena.allocate(JAVA_INT);
            posix.ioctl(master, Linux.TIOCSPTLCK, number.address());
            posix.ioctl(master, Linux.TIOCGPTN, number.address());
            name = "/dev/pts/" + number.get(JAVA_INT, 0);
        }
        slave = posix.open(name, Linux.O_RDWR | Linux.O_NOCTTY | Linux.O_CLOEXEC, 0);
    }

    @AfterEach
    void close() {
        posix.closeQuietly(slave);
        posix.closeQuietly(master);
    }

    private String stty(final String... arguments) throws Exception {
        final String[] command = new String[arguments.length + 3];
        command[0] = "stty";
        command[1] = "-F";
        command[2] = name;
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), US_ASCII).strip();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), output);
        return output;
    }

    @Test
    void rawIsWhatSttyMakesOfRaw() throws Exception {
        final TerminalMode before = TerminalMode.of(posix, slave);
        before.raw().apply(posix, slave);
        final String ours = stty("-g");
        assertEquals(before.raw(), TerminalMode.of(posix, slave));
        before.apply(posix, slave);
        // What stty calls raw lets the eighth bit and echo be as they were.
        stty("raw", "-echo", "-echonl", "-iexten", "cs8", "-parenb");
        stty("min", "1", "time", "0");
        assertEquals(stty("-g"), ours);
        assertNotEquals(before, before.raw());
        assertNotEquals(before.toString(), before.raw().toString());
    }

    @Test
    void aModeComesBackAsItWas() throws Exception {
        stty("intr", "^X", "-echo", "ixany", "min", "5", "-hupcl");
        final String before = stty("-g");
        final TerminalMode mode = TerminalMode.of(posix, slave);
        mode.raw().apply(posix, slave);
        assertNotEquals(before, stty("-g"));
        mode.apply(posix, slave);
        assertEquals(before, stty("-g"));
        assertEquals(mode, TerminalMode.of(posix, master), "either end has the same");
        assertEquals(mode.hashCode(), TerminalMode.of(posix, master).hashCode());
    }

    @Test
    void sizesAreThoseOfStty() throws Exception {
        assertEquals(new TerminalSize(0, 0), TerminalSize.of(posix, slave));
        stty("rows", "31", "cols", "65535");
        assertEquals(new TerminalSize(31, 65535), TerminalSize.of(posix, master));
        new TerminalSize(7, 8).apply(posix, master);
        assertEquals("7 8", stty("size"));
        assertThrows(IllegalArgumentException.class, () -> new TerminalSize(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> new TerminalSize(1, 65536));
    }

    @Test
    void whatIsNoTerminalHasNeither() throws Exception {
        final int file = posix.open("/dev/null", Linux.O_RDWR | Linux.O_CLOEXEC, 0);
        try {
            assertEquals(Errno.ENOTTY, assertThrows(PosixException.class, () -> TerminalMode.of(posix, file)).errno());
            assertEquals(Errno.ENOTTY, assertThrows(PosixException.class, () -> TerminalSize.of(posix, file)).errno());
        } finally {
            posix.close(file);
        }
    }
}
