package dev.sluice.cli;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.TerminalMode;
import dev.sluice.ffi.TerminalSize;
import dev.sluice.ffi.linux.Linux;
import java.util.function.Consumer;

/**
 * The terminal that this process's standard input is, while a program in a sandbox uses it: every key goes to the program, until
 * {@link #close}. However the JVM ends in order, the terminal then is as it was; a JVM that is killed cannot see to that ({@code stty sane}
 * does). Thread safe.
 */
final class LocalTerminal implements AutoCloseable {
    private static final int STANDARD_INPUT = 0;
    private static final int STANDARD_ERROR = 2;
    /** What a program is told where nobody knows. */
    private static final TerminalSize CUSTOMARY_SIZE = new TerminalSize(24, 80);

    private final Posix posix;
    /** A descriptor of our own: whoever reads standard input may close that. */
    private final int fd;
    private final TerminalMode original;
    private final TerminalMode raw;
    private Consumer<TerminalSize> sizes = size -> { };
    private boolean closed;

    private LocalTerminal(final Posix posix, final int fd, final TerminalMode original) {
        this.posix = posix;
        this.fd = fd;
        this.original = original;
        this.raw = original.raw();
    }

    /** Tells whether this process's standard input is a terminal. */
    static boolean isStandardInput() {
        try {
            TerminalMode.of(Posix.system(), STANDARD_INPUT);
            return true;
        } catch (final PosixException e) {
            return false;
        }
    }

    /** The size of the terminal that a program's output will be shown on, as far as this process has one. */
    static TerminalSize size() {
        for (int number = STANDARD_INPUT; number <= STANDARD_ERROR; number++) {
            try {
                final TerminalSize size = TerminalSize.of(Posix.system(), number);
                if (size.rows() > 0 && size.columns() > 0) {
                    return size;
                }
            } catch (final PosixException e) {
                // Another of the three may be one.
                continue;
            }
        }
        return CUSTOMARY_SIZE;
    }

    /**
     * Has every key read as it is from now on. This process then looks after the terminal when it is stopped and goes on.
     *
     * @throws PosixException when standard input is no terminal, or has hung up
     */
    static LocalTerminal enter() throws PosixException {
        final Posix posix = Posix.system();
        final int fd = posix.fcntl(STANDARD_INPUT, Linux.F_DUPFD_CLOEXEC, 0);
        final LocalTerminal terminal;
        try {
            terminal = new LocalTerminal(posix, fd, TerminalMode.of(posix, fd));
        } catch (final PosixException e) {
            posix.closeQuietly(fd);
            throw e;
        }
        // First of all, so that there is no moment in which this process could end without.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("sluice-restore-terminal").unstarted(terminal::close));
        Signals.handle("TSTP", signal -> terminal.stop());
        Signals.handle("CONT", signal -> terminal.resume());
        // What we say would be in the midst of what the program shows.
        Diagnostics.hold();
        terminal.resume();
        return terminal;
    }

    /** Has somebody told the terminal's size, now and whenever it may have changed. On a thread of the JVM's. */
    void follow(final Consumer<TerminalSize> receiver) {
        synchronized (this) {
            sizes = receiver;
        }
        Signals.handle("WINCH", signal -> tellSize());
        tellSize();
    }

    /** Gives the terminal back as it was. */
    @Override
    public synchronized void close() {
        if (!closed) {
            apply(original);
            closed = true;
            posix.closeQuietly(fd);
            Diagnostics.release();
        }
    }

    private synchronized void tellSize() {
        if (!closed) {
            sizes.accept(size());
        }
    }

    /** Somebody else than the person at the terminal, whose keys go to the program, wants us to stop: they may have it meanwhile. */
    private synchronized void stop() {
        if (!closed) {
            apply(original);
            try {
                posix.kill((int) ProcessHandle.current().pid(), Linux.SIGSTOP);
            } catch (final PosixException e) {
                Diagnostics.log("cannot stop: " + e.getMessage());
                resume();
            }
        }
    }

    /** Whoever had the terminal while we were stopped may have left it otherwise, or in another size. */
    private synchronized void resume() {
        if (!closed) {
            apply(raw);
            tellSize();
        }
    }

    private void apply(final TerminalMode mode) {
        try {
            mode.apply(posix, fd);
        } catch (final PosixException e) {
            // It has hung up: whoever reads it finds out, and nobody needs it as it was.
            return;
        }
    }
}
