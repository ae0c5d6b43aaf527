package dev.sluice.agent;

import dev.sluice.agent.UserDatabase.UnknownUserException;
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
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Starts programs: checks what was asked for, finds out who the program runs as, makes the pipes or the terminal, and has the program
 * looked for as execvp(3) would and executed as leader of a session of its own.
 *
 * <p>A program that runs as the agent does, without limits of its own, is started by the calling thread. Any other takes a thread that ends
 * with it ({@link SeparateStart}), and limits take a child that is held before its exec ({@link StartKeeper}).
 *
 * <p>Blocks until the program's exec. Any number of threads.
 */
final class ProgramLauncher {
    private static final int SLASH = '/';
    private static final int ROOT = 0;
    /** No file has a longer name; NAME_MAX of linux/limits.h. */
    private static final int MAX_NAME = 255;
    /** No path is longer, its end included; PATH_MAX of linux/limits.h. */
    private static final int MAX_PATH = 4096;
    /** No argument and no variable is longer, its end included; MAX_ARG_STRLEN of linux/binfmts.h with pages of 4 KiB. */
    private static final int MAX_STRING = 128 * 1024;

    private final Posix posix;
    private final Guardian guardian;
    private final Unclaimed unclaimed;
    private final StartNames names;
    private final ControlGroups groups;
    private final Privileges privileges;
    private final OomScore oomScore;
    private final LimitSetter limitSetter;

    /**
     * A launcher.
     *
     * @param posix the calls
     * @param guardian told of each program, or null
     * @param unclaimed where programs are noted until the loop knows of them
     * @param names of the threads that it makes
     * @param groups where each program has a control group, or null
     * @param privileges of programs
     * @param oomScore that programs are given, or null
     */
    ProgramLauncher(
        final Posix posix, final Guardian guardian, final Unclaimed unclaimed, final StartNames names, final ControlGroups groups,
        final Privileges privileges, final OomScore oomScore) {
        this.posix = posix;
        this.guardian = guardian;
        this.unclaimed = unclaimed;
        this.names = names;
        this.groups = groups;
        this.privileges = privileges;
        this.oomScore = oomScore;
        this.limitSetter = new LimitSetter(posix);
    }

    /** Starts a program; never throws. */
    Launch launch(final ExecOrder order) {
        final ExecFailed refusal = check(order);
        if (refusal != null) {
            return new Launch.Failed(order.serial(), refusal);
        }
        final UserDatabase users = order.user() == null ? null : UserDatabase.read(posix);
        final ProgramUser user;
        try {
            user = users == null ? null : users.find(order.user());
        } catch (final UnknownUserException e) {
            return new Launch.Failed(
                order.serial(), ExecFailures.of(Kind.USER_SETUP_FAILED, ExecFailures.STAGE_USER, e.getMessage()));
        }
        final StandardStreams streams;
        try {
            streams = StandardStreams.open(posix, order.terminal(), user, users);
        } catch (final PosixException e) {
            return new Launch.Failed(order.serial(), streamFailure(order, e.errno()));
        }
        Launch launch = null;
        try {
            launch = launch(order, streams, user);
        } finally {
            if (launch instanceof Launch.Started) {
                streams.closeChildEnds();
            } else {
                streams.close();
            }
        }
        return launch;
    }

    private static ExecFailed check(final ExecOrder order) {
        if (order.command().isEmpty()) {
            return ExecFailures.ofErrno(Errno.ENOENT, ExecFailures.STAGE_REQUEST, "empty command");
        }
        if (hasNul(order.command()) || order.arguments().stream().anyMatch(ProgramLauncher::hasNul)
            || Arrays.stream(order.environment().entries()).anyMatch(ProgramLauncher::hasNul)
            || order.directory() != null && hasNul(order.directory())) {
            return ExecFailures.ofErrno(
                Kind.BAD_ARGS, Errno.EINVAL, ExecFailures.STAGE_REQUEST, "NUL byte in command, arguments, environment or directory");
        }
        final ExecFailed tooLong = checkLengths(order);
        return tooLong == null ? ResourceLimits.check(order.limits()) : tooLong;
    }

    /** What the kernel would refuse anyway takes no memory first: the search makes a path of each element of PATH. */
    private static ExecFailed checkLengths(final ExecOrder order) {
        final boolean isPath = order.command().indexOf(SLASH) >= 0;
        if (order.command().length() >= MAX_PATH || !isPath && order.command().length() > MAX_NAME) {
            return ExecFailures.ofErrno(Errno.ENAMETOOLONG, ExecFailures.STAGE_SEARCH, "program " + quoted(order.command()));
        }
        if (order.directory() != null && order.directory().length() >= MAX_PATH) {
            return ExecFailures.ofDirectory(Errno.ENAMETOOLONG, "working directory " + quoted(order.directory()));
        }
        if (order.arguments().stream().anyMatch(ProgramLauncher::isTooLong)
            || Arrays.stream(order.environment().entries()).anyMatch(ProgramLauncher::isTooLong)) {
            return ExecFailures.ofErrno(Errno.E2BIG, ExecFailures.STAGE_SPAWN, "program " + quoted(order.command()));
        }
        return null;
    }

    private static ExecFailed streamFailure(final ExecOrder order, final int errno) {
        return order.terminal() == null
            ? ExecFailures.ofErrno(errno, ExecFailures.STAGE_PIPES, "pipes for " + quoted(order.command()))
            : ExecFailures.ofErrno(
                Kind.PTY_SETUP_FAILED, errno, ExecFailures.STAGE_TERMINAL, "terminal for " + quoted(order.command()));
    }

    private Launch launch(final ExecOrder order, final StandardStreams streams, final ProgramUser user) {
        final ChildEnvironment environment = user == null ? order.environment() : order.environment().withHome(user.home());
        final List<ProgramSearch.Candidate> candidates =
            ProgramSearch.candidates(order.command(), environment.path(), order.directory());
        final ResourceLimits limits = ResourceLimits.of(order.limits());
        final String name = limits.isEmpty() && groups == null && user == null && privileges == Privileges.ALL ? null : names.next();
        final ControlGroup group;
        try {
            group = groups == null ? null : groups.create(order.serial());
        } catch (final IOException e) {
            return new Launch.Failed(
                order.serial(), ExecFailures.of(Kind.RESOURCE_LIMIT, ExecFailures.STAGE_LIMITS, "control group: " + e.getMessage()));
        }
        final Attempt attempt = new Attempt(order, environment, streams, user, limits, group, name);
        Launch launch = null;
        try {
            launch = attempt.make(ProgramVector.of(order.command(), order.arguments()), candidates);
            if (attempt.noExecFormat != null && ScriptFile.isScript(posix, attempt.noExecFormat.probe())) {
                launch = attempt.make(
                    ProgramVector.shell(attempt.noExecFormat.program(), order.arguments()), List.of(ProgramVector.SHELL_CANDIDATE));
            }
        } finally {
            if (group != null && !(launch instanceof Launch.Started)) {
                group.remove();
            }
        }
        return launch;
    }

    /** What one start is made of; a script without an interpreter line takes two. */
    private final class Attempt {
        private final ExecOrder order;
        private final ChildEnvironment environment;
        private final StandardStreams streams;
        /** Null for who the agent is: programs that run as the agent itself does, wherever that is not root, need nothing changed. */
        private final ProgramUser user;
        private final ResourceLimits limits;
        private final ControlGroup group;
        private final String name;
        private ProgramSearch.Candidate noExecFormat;

        private Attempt(
            final ExecOrder order, final ChildEnvironment environment, final StandardStreams streams, final ProgramUser user,
            final ResourceLimits limits, final ControlGroup group, final String name) {
            this.order = order;
            this.environment = environment;
            this.streams = streams;
            this.user = isOwn(user) ? null : user;
            this.limits = limits;
            this.group = group;
            this.name = name;
        }

        private Launch make(final List<byte[]> arguments, final List<ProgramSearch.Candidate> candidates) {
            try (HoldPoint hold = limits.isEmpty() && group == null ? null : HoldPoint.make(posix, name)) {
                final Spawn description = new Spawn(arguments.getFirst()).arguments(arguments)
                    .environment(Arrays.stream(environment.entries()).map(ByteString::toByteArray).toList());
                streams.giveTo(description);
                if (order.directory() != null) {
                    description.workingDirectory(order.directory().toByteArray());
                }
                if (hold != null) {
                    description.heldBy(hold.fd());
                }
                final boolean changesSavedUser = !limits.isEmpty() && limitSetter.needsSameIds();
                try (ProgramStart start =
                    new ProgramStart(posix, description, candidates, order.directory(), user, changesSavedUser, privileges)) {
                    return name == null ? run(start, candidates) : runSeparately(start, candidates, hold);
                }
            } catch (final PosixException e) {
                return failed(ExecFailures.ofErrno(e.errno(), ExecFailures.STAGE_LIMITS, "place to hold " + quoted(order.command())));
            } catch (final SpawnException e) {
                return failed(ExecFailures.ofErrno(e.errno(), ExecFailures.STAGE_SPAWN, "program " + quoted(order.command())));
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                return failed(ExecFailures.of(Kind.OTHER, ExecFailures.STAGE_AGENT, "the agent is shutting down"));
            }
        }

        private Launch failed(final ExecFailed reason) {
            return new Launch.Failed(order.serial(), reason);
        }

        private Launch run(final ProgramStart start, final List<ProgramSearch.Candidate> candidates) throws SpawnException {
            start.run();
            return result(start, candidates);
        }

        private Launch runSeparately(
            final ProgramStart start, final List<ProgramSearch.Candidate> candidates, final HoldPoint hold)
            throws SpawnException, InterruptedException {
            StartRehearsal.ensure(posix);
            start.nameThread(name);
            try (SeparateStart separate = new SeparateStart(start, name)) {
                final ExecFailed refusal =
                    new StartKeeper(posix, separate, name, hold, this::endow).keep();
                return refusal == null ? result(start, candidates) : failed(refusal);
            }
        }

        private ExecFailed endow(final int pid) {
            try {
                restoreOomScore(pid);
                if (group != null) {
                    group.enter(pid);
                }
                return limitSetter.set(limits, pid, user);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                return ExecFailures.of(Kind.OTHER, ExecFailures.STAGE_AGENT, "the agent is shutting down");
            } catch (final IOException e) {
                return ExecFailures.of(Kind.RESOURCE_LIMIT, ExecFailures.STAGE_LIMITS, "control group: " + e.getMessage());
            }
        }

        private void restoreOomScore(final int pid) {
            if (oomScore != null) {
                oomScore.restore(pid);
            }
        }

        private Launch result(final ProgramStart start, final List<ProgramSearch.Candidate> candidates) throws SpawnException {
            final ByteString program = candidates.get(Math.max(0, start.candidate())).program();
            noExecFormat = null;
            return switch (start.failed()) {
                case NONE -> started(start);
                case USER -> failed(ExecFailures.ofErrno(
                    Kind.USER_SETUP_FAILED, start.errno(), ExecFailures.STAGE_USER,
                    order.user() == null ? "giving up privileges" : "becoming user " + quoted(order.user())));
                case DIRECTORY -> failed(ExecFailures.ofDirectory(start.errno(), "working directory " + quoted(order.directory())));
                case SEARCH, SPAWN -> {
                    if (start.errno() == Errno.ENOEXEC) {
                        noExecFormat = candidates.get(start.candidate());
                    }
                    final String stage =
                        start.failed() == ProgramStart.Stage.SEARCH ? ExecFailures.STAGE_SEARCH : ExecFailures.STAGE_SPAWN;
                    yield failed(start.exhausted()
                        ? notFound(start, stage) : ExecFailures.ofErrno(start.errno(), stage, "program " + quoted(program)));
                }
            };
        }

        private ExecFailed notFound(final ProgramStart start, final String stage) {
            final String program = "program " + quoted(order.command());
            if (start.errno() == Errno.EACCES) {
                return ExecFailures.ofErrno(start.errno(), stage, program);
            }
            if (start.found()) {
                return ExecFailures.ofErrno(start.errno(), stage, program + " is there, but not its interpreter or loader");
            }
            if (order.command().indexOf(SLASH) >= 0) {
                return ExecFailures.ofErrno(start.errno(), stage, program);
            }
            return ExecFailures.ofErrno(Errno.ENOENT, stage, program + " not found in PATH");
        }

        private Launch started(final ProgramStart start) throws SpawnException {
            final ChildProcess child = start.watch();
            unclaimed.add(child.pid());
            restoreOomScore(child.pid());
            if (guardian != null) {
                guardian.add(child.pid());
            }
            return new Launch.Started(order.serial(), child, streams.stdin(), streams.stdout(), streams.stderr(), group);
        }
    }

    private static boolean isOwn(final ProgramUser user) {
        return user != null && user.uid() != ROOT && user.uid() == Linux.geteuid() && user.gid() == Linux.getegid();
    }

    private static boolean hasNul(final ByteString bytes) {
        return bytes.indexOf(0) >= 0;
    }

    private static boolean isTooLong(final ByteString string) {
        return string.length() >= MAX_STRING;
    }

    private static String quoted(final ByteString bytes) {
        return '"' + bytes.toString() + '"';
    }
}
