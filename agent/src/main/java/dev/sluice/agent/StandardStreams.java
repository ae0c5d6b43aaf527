package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.Spawn;
import dev.sluice.ffi.linux.Linux;

/**
 * What joins the agent to a program that is being started: three pipes, or a terminal. The agent's ends do not block, the child's do.
 *
 * <p>One thread.
 */
final class StandardStreams {
    private static final int NONE = -1;
    /** Above the standard ones. */
    private static final int FIRST_FREE = 3;

    private final Posix posix;
    private int childStdin = NONE;
    private int childStdout = NONE;
    private int childStderr = NONE;
    private int terminal = NONE;
    private int stdin = NONE;
    private int stdout = NONE;
    private int stderr = NONE;

    private StandardStreams(final Posix posix) {
        this.posix = posix;
    }

    /** Three pipes. */
    static StandardStreams pipes(final Posix posix) throws PosixException {
        final StandardStreams streams = new StandardStreams(posix);
        try {
            streams.openPipes();
        } catch (final PosixException e) {
            streams.close();
            throw e;
        }
        return streams;
    }

    /** A terminal. The agent has it as two descriptors, so that input and output are watched and closed by themselves. */
    static StandardStreams terminal(final Posix posix, final ExecOrder.TerminalSize size) throws PosixException {
        final StandardStreams streams = new StandardStreams(posix);
        final PseudoTerminal made = PseudoTerminal.open(posix, size.rows(), size.columns());
        streams.terminal = made.slave();
        streams.stdout = made.master();
        try {
            streams.stdin = posix.fcntl(made.master(), Linux.F_DUPFD_CLOEXEC, FIRST_FREE);
        } catch (final PosixException e) {
            streams.close();
            throw e;
        }
        return streams;
    }

    private void openPipes() throws PosixException {
        final int[] in = posix.pipe2(Linux.O_CLOEXEC);
        childStdin = in[0];
        stdin = in[1];
        final int[] out = posix.pipe2(Linux.O_CLOEXEC);
        stdout = out[0];
        childStdout = out[1];
        final int[] err = posix.pipe2(Linux.O_CLOEXEC);
        stderr = err[0];
        childStderr = err[1];
        posix.setNonBlocking(stdin, true);
        posix.setNonBlocking(stdout, true);
        posix.setNonBlocking(stderr, true);
    }

    /** Has a program started with the child's ends, in a session of its own. */
    void giveTo(final Spawn spawn) {
        if (terminal >= 0) {
            spawn.terminal(terminal);
        } else {
            spawn.standard(childStdin, childStdout, childStderr).newSession();
        }
    }

    /** @return what the program's input is written to */
    int stdin() {
        return stdin;
    }

    /** @return what the program's output is read from */
    int stdout() {
        return stdout;
    }

    /** @return what the program's error output is read from, negative for none */
    int stderr() {
        return stderr;
    }

    /** The child has its own by now. */
    void closeChildEnds() {
        posix.closeQuietly(childStdin);
        posix.closeQuietly(childStdout);
        posix.closeQuietly(childStderr);
        posix.closeQuietly(terminal);
    }

    /** There is no child. */
    void close() {
        closeChildEnds();
        posix.closeQuietly(stdin);
        posix.closeQuietly(stdout);
        posix.closeQuietly(stderr);
    }
}
