package dev.sluice.agent;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.Spawn;
import dev.sluice.ffi.SpawnException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Starts programs: checks what was asked for, makes the pipes or the terminal, looks for the program as execvp(3) would, and spawns it as
 * leader of a session of its own.
 *
 * <p>Stateless; blocks until the program's exec. Any number of threads.
 */
final class ProgramLauncher {
    private static final int SLASH = '/';
    /** No file has a longer name; NAME_MAX of linux/limits.h. */
    private static final int MAX_NAME = 255;
    private static final ByteString CURRENT = ByteString.of("/.");

    private final Posix posix;
    private final Guardian guardian;

    /**
     * A launcher.
     *
     * @param posix the calls
     * @param guardian told of each program, or null
     */
    ProgramLauncher(final Posix posix, final Guardian guardian) {
        this.posix = posix;
        this.guardian = guardian;
    }

    /** Starts a program; never throws. */
    Launch launch(final ExecOrder order) {
        final ExecFailed refusal = check(order);
        if (refusal != null) {
            return new Launch.Failed(order.serial(), refusal);
        }
        final StandardStreams streams;
        try {
            streams = order.terminal() == null ? StandardStreams.pipes(posix) : StandardStreams.terminal(posix, order.terminal());
        } catch (final PosixException e) {
            return new Launch.Failed(order.serial(), streamFailure(order, e.errno()));
        }
        final Launch launch = search(order, streams);
        if (launch instanceof Launch.Started) {
            streams.closeChildEnds();
        } else {
            streams.close();
        }
        return launch;
    }

    private static ExecFailed streamFailure(final ExecOrder order, final int errno) {
        return order.terminal() == null
            ? ExecFailures.ofErrno(errno, ExecFailures.STAGE_PIPES, "pipes for " + quoted(order.command()))
            : ExecFailures.ofErrno(
                Kind.PTY_SETUP_FAILED, errno, ExecFailures.STAGE_TERMINAL, "terminal for " + quoted(order.command()));
    }

    private ExecFailed check(final ExecOrder order) {
        if (order.command().isEmpty()) {
            return ExecFailures.ofErrno(Errno.ENOENT, ExecFailures.STAGE_REQUEST, "empty command");
        }
        if (hasNul(order.command()) || order.arguments().stream().anyMatch(ProgramLauncher::hasNul)
            || Arrays.stream(order.environment().entries()).anyMatch(ProgramLauncher::hasNul)
            || order.directory() != null && hasNul(order.directory())) {
            return ExecFailures.ofErrno(
                Kind.BAD_ARGS, Errno.EINVAL, ExecFailures.STAGE_REQUEST, "NUL byte in command, arguments, environment or directory");
        }
        return order.directory() == null ? null : checkDirectory(order.directory());
    }

    private ExecFailed checkDirectory(final ByteString directory) {
        try {
            // Its "." takes permission to enter the directory, which the directory itself would not.
            final byte[] path = directory.isEmpty() ? new byte[0] : joined(directory, CURRENT);
            posix.closeQuietly(posix.open(path, Linux.O_PATH | Abi.O_DIRECTORY | Linux.O_CLOEXEC, 0));
            return null;
        } catch (final PosixException e) {
            return ExecFailures.ofDirectory(e.errno(), "working directory " + quoted(directory));
        }
    }

    private Launch search(final ExecOrder order, final StandardStreams streams) {
        int errno = 0;
        boolean found = false;
        for (final ProgramSearch.Candidate candidate
            : ProgramSearch.candidates(order.command(), order.environment().path(), order.directory())) {
            // Looking costs a few microseconds, a process that fails to exec a hundred times that.
            int failed = probe(candidate.probe());
            if (failed == 0) {
                found = true;
                try {
                    return spawn(order, candidate.program(), streams);
                } catch (final SpawnException e) {
                    if (e.stage() != SpawnException.Stage.PROGRAM || !goesOnSearching(e.errno())) {
                        return new Launch.Failed(order.serial(), failure(order, candidate.program(), e));
                    }
                    failed = e.errno();
                }
            } else if (!goesOnSearching(failed)) {
                return new Launch.Failed(
                    order.serial(), ExecFailures.ofErrno(failed, ExecFailures.STAGE_SEARCH, "program " + quoted(candidate.program())));
            }
            // That something may not be used says more than that nothing is there.
            errno = errno == Errno.EACCES ? errno : failed;
        }
        return new Launch.Failed(order.serial(), notFound(order, errno, found));
    }

    /** @return 0 when there is a file, else why not */
    private int probe(final ByteString path) {
        try {
            posix.closeQuietly(posix.open(path.toByteArray(), Linux.O_PATH | Linux.O_CLOEXEC, 0));
            return 0;
        } catch (final PosixException e) {
            return e.errno();
        }
    }

    /** As execvp(3): what one place lacks or forbids, the next may have. So it is with a place that is too long to be one. */
    private static boolean goesOnSearching(final int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES, Errno.ENAMETOOLONG, Errno.ENODEV, Errno.ETIMEDOUT -> true;
            default -> false;
        };
    }

    private static ExecFailed notFound(final ExecOrder order, final int errno, final boolean found) {
        final String program = "program " + quoted(order.command());
        if (errno == Errno.EACCES) {
            return ExecFailures.ofErrno(errno, ExecFailures.STAGE_SPAWN, program);
        }
        if (found) {
            return ExecFailures.ofErrno(errno, ExecFailures.STAGE_SPAWN, program + " is there, but not its interpreter or loader");
        }
        if (order.command().indexOf(SLASH) >= 0 || order.command().length() > MAX_NAME) {
            return ExecFailures.ofErrno(errno, ExecFailures.STAGE_SEARCH, program);
        }
        return ExecFailures.ofErrno(Errno.ENOENT, ExecFailures.STAGE_SEARCH, program + " not found in PATH");
    }

    private Launch.Started spawn(final ExecOrder order, final ByteString program, final StandardStreams streams)
        throws SpawnException {
        final List<byte[]> arguments = new ArrayList<>(order.arguments().size() + 1);
        arguments.add(order.command().toByteArray());
        order.arguments().forEach(argument -> arguments.add(argument.toByteArray()));
        final List<byte[]> environment = Arrays.stream(order.environment().entries()).map(ByteString::toByteArray).toList();
        final Spawn spawn = new Spawn(program.toByteArray()).arguments(arguments).environment(environment);
        streams.giveTo(spawn);
        if (order.directory() != null) {
            spawn.workingDirectory(order.directory().toByteArray());
        }
        final ChildProcess child = spawn.start(posix);
        if (guardian != null) {
            guardian.add(child.pid());
        }
        return new Launch.Started(order.serial(), child, streams.stdin(), streams.stdout(), streams.stderr());
    }

    private static ExecFailed failure(final ExecOrder order, final ByteString program, final SpawnException e) {
        return switch (e.stage()) {
            case WORKING_DIRECTORY -> ExecFailures.ofDirectory(e.errno(), "working directory " + quoted(order.directory()));
            case PREPARATION, PROGRAM -> ExecFailures.ofErrno(e.errno(), ExecFailures.STAGE_SPAWN, "program " + quoted(program));
        };
    }

    private static boolean hasNul(final ByteString bytes) {
        return bytes.indexOf(0) >= 0;
    }

    private static byte[] joined(final ByteString first, final ByteString last) {
        final byte[] bytes = Arrays.copyOf(first.toByteArray(), first.length() + last.length());
        System.arraycopy(last.toByteArray(), 0, bytes, first.length(), last.length());
        return bytes;
    }

    private static String quoted(final ByteString bytes) {
        return '"' + bytes.toString() + '"';
    }
}
