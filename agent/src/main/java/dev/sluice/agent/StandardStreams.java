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
    private static final String TERMINAL_GROUP = "tty";
    private static final int OWNER_AND_MESSAGES = 0620;
    private static final int OWNER_ONLY = 0600;

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

    /**
     * Makes them.
     *
     * @param posix the calls
     * @param size of the terminal, or null for pipes
     * @param user who the program runs as, and who may therefore open its streams by their names, or null for whoever the agent runs as
     * @param users where the group of terminals is listed; needed with a user
     * @throws PosixException if they cannot be made
     */
    static StandardStreams open(
        final Posix posix, final ExecOrder.TerminalSize size, final ProgramUser user, final UserDatabase users) throws PosixException {
        final StandardStreams streams = new StandardStreams(posix);
        try {
            if (size == null) {
                streams.openPipes();
                streams.give(user);
            } else {
                streams.openTerminal(size);
                streams.giveTerminal(user, users);
            }
            return streams;
        } catch (final PosixException e) {
            streams.close();
            throw e;
        }
    }

    /** The agent has it as two descriptors, so that input and output are watched and closed by themselves. */
    private void openTerminal(final ExecOrder.TerminalSize size) throws PosixException {
        final PseudoTerminal made = PseudoTerminal.open(posix, size.rows(), size.columns());
        terminal = made.slave();
        stdout = made.master();
        stdin = posix.fcntl(made.master(), Linux.F_DUPFD_CLOEXEC, FIRST_FREE);
    }

    /** A program that opens {@code /dev/stderr} opens the pipe as the file that it is. */
    private void give(final ProgramUser user) throws PosixException {
        if (user != null) {
            chown(childStdin, user.uid(), user.gid());
            chown(childStdout, user.uid(), user.gid());
            chown(childStderr, user.uid(), user.gid());
        }
    }

    /** As grantpt(3): its user reads and writes it, and the group of terminals, in which are programs that write messages, writes. */
    private void giveTerminal(final ProgramUser user, final UserDatabase users) throws PosixException {
        if (user != null) {
            final int group = users.findGroup(TERMINAL_GROUP);
            chown(terminal, user.uid(), group < 0 ? user.gid() : group);
            posix.fchmod(terminal, group < 0 ? OWNER_ONLY : OWNER_AND_MESSAGES);
        }
    }

    private void chown(final int fd, final int uid, final int gid) throws PosixException {
        final int result = posix.syscalls().fchown(fd, uid, gid);
        if (result < 0) {
            throw new PosixException("fchown", -result, fd, Integer.toUnsignedLong(uid), Integer.toUnsignedLong(gid));
        }
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
