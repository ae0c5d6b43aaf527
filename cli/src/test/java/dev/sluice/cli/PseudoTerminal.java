package dev.sluice.cli;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.TerminalMode;
import dev.sluice.ffi.TerminalSize;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A terminal for a process of a test, of which this test has the other end: it types, and sees what is shown. */
final class PseudoTerminal implements AutoCloseable {
    private static final long LIMIT_SECONDS = 45;
    private static final int BUFFER_LENGTH = 64 * 1024;
    private static final int POLL_MILLIS = 100;

    private final Posix posix;
    private final int master;
    /** Keeps the terminal, and its mode, when nobody else has it open. */
    private final int slave;
    private final String name;
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private boolean hungUp;

    private PseudoTerminal(final Posix posix, final int master, final String name) throws PosixException {
        this.posix = posix;
        this.master = master;
        this.name = name;
        this.slave = posix.open(name, Linux.O_RDWR | Linux.O_NOCTTY | Linux.O_CLOEXEC, 0);
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
        return new File(name);
    }

    TerminalMode mode() throws IOException {
        return TerminalMode.of(posix, slave);
    }

    void mode(final TerminalMode mode) throws IOException {
        mode.apply(posix, slave);
    }

    /** Another size; who has the terminal as its controlling one is told. */
    void resize(final int rows, final int columns) throws IOException {
        new TerminalSize(rows, columns).apply(posix, master);
    }

    void type(final String keys) {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
            final MemorySegment memory = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
            if (posix.write(master, memory.address(), bytes.length) != bytes.length) {
                throw new AssertionError("cannot type");
            }
        }
    }

    /** Types more than a terminal holds: as much as it is read, within the limit. */
    void typeMuch(final byte[] keys) throws IOException {
        final int flags = posix.fcntl(master, Linux.F_GETFL, 0);
        posix.fcntl(master, Linux.F_SETFL, flags | Linux.O_NONBLOCK);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(keys.length).copyFrom(MemorySegment.ofArray(keys));
            final MemorySegment poll = pollfd.allocate(arena);
            pollfd.fd(poll, master);
            pollfd.events(poll, (short) Linux.POLLOUT);
            final long begin = System.nanoTime();
            int typed = 0;
            while (typed < keys.length) {
                if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                    throw new AssertionError("nobody reads what is typed: bytes=" + typed);
                }
                posix.poll(poll.address(), 1, POLL_MILLIS);
                typed += (int) Math.max(0, posix.write(master, memory.address() + typed, keys.length - typed));
            }
        } finally {
            posix.fcntl(master, Linux.F_SETFL, flags);
        }
    }

    /** Returns when that has been shown, with everything shown so far. */
    String await(final String text) {
        final long begin = System.nanoTime();
        while (!shown().contains(text)) {
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                throw new AssertionError("never shown: " + text + ", but: " + shown());
            }
            read(50);
        }
        return shown();
    }

    String shown() {
        return shown.toString(StandardCharsets.UTF_8);
    }

    byte[] shownBytes() {
        return shown.toByteArray();
    }

    /** Reads what is shown within some time; for 0 only what is there. */
    void read(final int millis) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment poll = pollfd.allocate(arena);
            pollfd.fd(poll, master);
            pollfd.events(poll, (short) Linux.POLLIN);
            if (posix.poll(poll.address(), 1, millis) > 0) {
                final MemorySegment buffer = arena.allocate(BUFFER_LENGTH);
                final long length = posix.read(master, buffer.address(), BUFFER_LENGTH);
                shown.writeBytes(buffer.asSlice(0, Math.max(0, length)).toArray(ValueLayout.JAVA_BYTE));
            }
        }
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

    /** Goes away, as a window that is closed. */
    void hangUp() {
        if (!hungUp) {
            hungUp = true;
            posix.closeQuietly(slave);
            posix.closeQuietly(master);
        }
    }

    @Override
    public void close() {
        hangUp();
    }
}
