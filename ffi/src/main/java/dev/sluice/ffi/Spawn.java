package dev.sluice.ffi;

import dev.sluice.ffi.SpawnException.Stage;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.posix_spawn_file_actions_t;
import dev.sluice.ffi.linux.posix_spawnattr_t;
import dev.sluice.ffi.linux.siginfo_t;
import dev.sluice.ffi.linux.sigset_t;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import static dev.sluice.ffi.Outcome.succeeded;
import static java.lang.foreign.ValueLayout.JAVA_INT;

/**
 * Starts a program as a child process with a clean start: default signal actions, no signal blocked, no descriptors but 0 to 2.
 *
 * <p>Built on posix_spawn, which does not copy the address space and is safe in a process with many threads. Arguments, environment and
 * paths are bytes. The program is not looked up in any PATH.
 *
 * <p><b>Threads.</b> A builder for one thread. {@link #start} blocks until the child has executed the program or failed to, which is as
 * long as reading the program from its disk takes: keep it off event loops.
 */
public final class Spawn {
    private static final int STANDARD_DESCRIPTORS = 3;
    private static final String OWN_DESCRIPTORS = "/proc/self/fd/";

    private final byte[] program;
    private final int[] standard = {0, 1, 2};
    private List<byte[]> arguments;
    private List<byte[]> environment = List.of();
    private byte[] workingDirectory;
    private int terminal = -1;
    private short group = Linux.POSIX_SPAWN_SETPGROUP;

    /**
     * Begins to describe a process with no arguments, an empty environment, the standard descriptors of this process, and a process group
     * of its own.
     *
     * @param program the path of the file to execute; relative to the child's working directory unless absolute
     */
    public Spawn(final byte[] program) {
        this.program = program.clone();
        this.arguments = List.of(this.program);
    }

    /**
     * Sets the argument vector.
     *
     * @param vector {@code argv}, its first element being the name that the program sees itself called by; at least one element
     * @return this
     */
    public Spawn arguments(final List<byte[]> vector) {
        if (vector.isEmpty()) {
            throw new IllegalArgumentException("an argument vector has at least the program's name");
        }
        arguments = List.copyOf(vector);
        return this;
    }

    /**
     * Sets the whole environment.
     *
     * @param variables each {@code NAME=VALUE}
     * @return this
     */
    public Spawn environment(final List<byte[]> variables) {
        environment = List.copyOf(variables);
        return this;
    }

    /**
     * Sets what the child has as descriptors 0, 1 and 2.
     *
     * @param input standard input
     * @param output standard output
     * @param error standard error
     * @return this; the descriptors stay the caller's and must be open until the child is started
     */
    public Spawn standard(final int input, final int output, final int error) {
        standard[0] = input;
        standard[1] = output;
        standard[2] = error;
        return this;
    }

    /**
     * Gives the child a terminal: as descriptors 0 to 2, in the place of {@link #standard}, and as the controlling terminal of a session
     * of its own. The child opens the terminal anew through {@code /proc}, as whoever it runs as.
     *
     * @param terminalFd a terminal that no session has as its own
     * @return this; the descriptor stays the caller's and must be open until the child is started
     */
    public Spawn terminal(final int terminalFd) {
        terminal = terminalFd;
        return newSession();
    }

    /**
     * Sets the working directory.
     *
     * @param path of a directory, relative to that of this process unless absolute; by default the child has the one of this process
     * @return this
     */
    public Spawn workingDirectory(final byte[] path) {
        workingDirectory = path.clone();
        return this;
    }

    /**
     * Puts the child into a session of its own, without a terminal, instead of only a process group.
     *
     * @return this
     */
    public Spawn newSession() {
        group = Linux.POSIX_SPAWN_SETSID;
        return this;
    }

    /**
     * Starts the process. The child's process group id is its pid.
     *
     * @param posix the calls
     * @return the child, which the caller must reap
     * @throws SpawnException if it did not start; then nothing is left of it
     * @throws IllegalArgumentException if the program, an argument, a variable or the directory contains a NUL byte
     */
    public ChildProcess start(final Posix posix) throws SpawnException {
        final Syscalls calls = posix.syscalls();
        try (Arena arena = Arena.ofConfined(); Borrowed borrowed = new Borrowed(posix)) {
            final MemorySegment path = CString.of(arena, program);
            final MemorySegment argv = CString.vector(arena, arguments);
            final MemorySegment envp = CString.vector(arena, environment);
            final int directory = workingDirectory == null ? -1 : openDirectory(posix, borrowed);
            final MemorySegment actions = arena.allocate(posix_spawn_file_actions_t.layout());
            final MemorySegment attributes = arena.allocate(posix_spawnattr_t.layout());
            final MemorySegment pid = arena.allocate(JAVA_INT);
            try {
                succeeded(calls.spawnFileActionsInit(actions.address()), "posix_spawn_file_actions_init");
                borrowed.actions = actions;
                succeeded(calls.spawnAttributesInit(attributes.address()), "posix_spawnattr_init");
                borrowed.attributes = attributes;
                describeDescriptors(posix, borrowed, actions.address(), directory, arena);
                describeAttributes(calls, attributes.address(), arena);
            } catch (final PosixException e) {
                throw new SpawnException(Stage.PREPARATION, "cannot start " + quoted(program), e);
            }
            final int result =
                calls.posixSpawn(pid.address(), path.address(), actions.address(), attributes.address(), argv.address(), envp.address());
            if (result < 0) {
                final PosixException cause = new PosixException("posix_spawn", -result, text(program));
                throw new SpawnException(Stage.PROGRAM, "cannot start " + quoted(program), cause);
            }
            return new ChildProcess(pid.get(JAVA_INT, 0), openPid(posix, pid.get(JAVA_INT, 0)));
        }
    }

    /** Opening its {@code .} takes permission to enter the directory, which opening the directory alone would not. */
    private int openDirectory(final Posix posix, final Borrowed borrowed) throws SpawnException {
        final byte[] path = workingDirectory.length == 0 ? workingDirectory : concatenated(workingDirectory, (byte) '/', (byte) '.');
        try {
            borrowed.directory = posix.open(path, Linux.O_PATH | Abi.O_DIRECTORY | Linux.O_CLOEXEC, 0);
            return borrowed.directory;
        } catch (final PosixException e) {
            throw new SpawnException(Stage.WORKING_DIRECTORY, "cannot enter working directory " + quoted(workingDirectory), e);
        }
    }

    private void describeDescriptors(
        final Posix posix, final Borrowed borrowed, final long actions, final int directory, final Arena arena) throws PosixException {
        final Syscalls calls = posix.syscalls();
        if (directory >= 0) {
            // First, as the directory's descriptor may itself be one of 0 to 2.
            succeeded(calls.spawnFileActionsAddFchdir(actions, directory), "posix_spawn_file_actions_addfchdir_np", directory);
        }
        if (terminal >= 0) {
            describeTerminal(posix, borrowed, actions, arena);
        } else {
            describeStandard(posix, borrowed, actions);
        }
        succeeded(
            calls.spawnFileActionsAddCloseFrom(actions, STANDARD_DESCRIPTORS), "posix_spawn_file_actions_addclosefrom_np",
            STANDARD_DESCRIPTORS);
    }

    /** The first terminal that the leader of a session opens becomes the session's. */
    private void describeTerminal(final Posix posix, final Borrowed borrowed, final long actions, final Arena arena) throws PosixException {
        final Syscalls calls = posix.syscalls();
        int source = terminal;
        if (source < STANDARD_DESCRIPTORS) {
            source = posix.fcntl(source, Linux.F_DUPFD_CLOEXEC, STANDARD_DESCRIPTORS);
            borrowed.duplicates[0] = source;
        }
        final MemorySegment path = CString.of(arena, OWN_DESCRIPTORS + source);
        succeeded(
            calls.spawnFileActionsAddOpen(actions, 0, path.address(), Linux.O_RDWR, 0), "posix_spawn_file_actions_addopen", source);
        for (int target = 1; target < STANDARD_DESCRIPTORS; target++) {
            succeeded(calls.spawnFileActionsAddDup2(actions, 0, target), "posix_spawn_file_actions_adddup2", 0, target);
        }
    }

    private void describeStandard(final Posix posix, final Borrowed borrowed, final long actions) throws PosixException {
        for (int target = 0; target < STANDARD_DESCRIPTORS; target++) {
            int source = standard[target];
            if (source < STANDARD_DESCRIPTORS && source != target) {
                // An earlier target would overwrite it.
                source = posix.fcntl(source, Linux.F_DUPFD_CLOEXEC, STANDARD_DESCRIPTORS);
                borrowed.duplicates[target] = source;
            }
            succeeded(
                posix.syscalls().spawnFileActionsAddDup2(actions, source, target), "posix_spawn_file_actions_adddup2", source, target);
        }
    }

    private void describeAttributes(final Syscalls calls, final long attributes, final Arena arena) throws PosixException {
        final MemorySegment all = arena.allocate(sigset_t.layout()).fill((byte) 0xff);
        final MemorySegment none = arena.allocate(sigset_t.layout());
        final short flags = (short) (Linux.POSIX_SPAWN_SETSIGDEF | Linux.POSIX_SPAWN_SETSIGMASK | group);
        succeeded(calls.spawnAttributesSetSignalDefault(attributes, all.address()), "posix_spawnattr_setsigdefault");
        succeeded(calls.spawnAttributesSetSignalMask(attributes, none.address()), "posix_spawnattr_setsigmask");
        succeeded(calls.spawnAttributesSetProcessGroup(attributes, 0), "posix_spawnattr_setpgroup", 0);
        succeeded(calls.spawnAttributesSetFlags(attributes, flags), "posix_spawnattr_setflags", flags);
    }

    /** The child cannot be reaped by others, so the pid is still its own, even if it has ended by now. */
    private int openPid(final Posix posix, final int pid) throws SpawnException {
        try {
            return posix.pidfdOpen(pid, 0);
        } catch (final PosixException e) {
            // The whole group, as the child may have started others by now.
            posix.syscalls().kill(-pid, Linux.SIGKILL);
            try (Arena arena = Arena.ofConfined()) {
                posix.waitid(Linux.P_PID, pid, arena.allocate(siginfo_t.layout()), Linux.WEXITED);
            } catch (final PosixException unreaped) {
                e.addSuppressed(unreaped);
            }
            throw new SpawnException(Stage.PREPARATION, "cannot watch " + quoted(program), e);
        }
    }

    private static byte[] concatenated(final byte[] path, final byte... suffix) {
        final byte[] whole = Arrays.copyOf(path, path.length + suffix.length);
        System.arraycopy(suffix, 0, whole, path.length, suffix.length);
        return whole;
    }

    private static String quoted(final byte[] path) {
        return '"' + text(path) + '"';
    }

    private static String text(final byte[] path) {
        return new String(path, StandardCharsets.UTF_8);
    }

    /** What a start holds only while it lasts. */
    private static final class Borrowed implements AutoCloseable {
        private final Posix posix;
        private final int[] duplicates = {-1, -1, -1};
        private int directory = -1;
        private MemorySegment actions;
        private MemorySegment attributes;

        private Borrowed(final Posix posix) {
            this.posix = posix;
        }

        @Override
        public void close() {
            if (attributes != null) {
                posix.syscalls().spawnAttributesDestroy(attributes.address());
            }
            if (actions != null) {
                posix.syscalls().spawnFileActionsDestroy(actions.address());
            }
            for (final int duplicate : duplicates) {
                posix.closeQuietly(duplicate);
            }
            posix.closeQuietly(directory);
        }
    }
}
