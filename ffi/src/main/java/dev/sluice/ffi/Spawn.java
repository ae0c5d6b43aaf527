package dev.sluice.ffi;

import dev.sluice.ffi.SpawnException.Stage;
import dev.sluice.ffi.linux.Linux;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

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
    static final int STANDARD_DESCRIPTORS = 3;

    private final byte[] program;
    private final int[] standard = {0, 1, 2};
    private List<byte[]> arguments;
    private List<byte[]> environment = List.of();
    private byte[] workingDirectory;
    private int terminal = -1;
    private int hold = -1;
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
     * Holds the child before it executes anything, until somebody opens a FIFO for writing; it opens it for reading through {@code /proc}.
     * Meanwhile {@link PreparedSpawn#start} blocks, and the child can be found by its having executed nothing.
     *
     * @param fifoFd a FIFO that nobody has open for writing, itself opened with {@code O_PATH}
     * @return this; the descriptor stays the caller's and must be open until the child is started
     */
    public Spawn heldBy(final int fifoFd) {
        hold = fifoFd;
        return this;
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
        try (Arena arena = Arena.ofConfined(); PreparedSpawn prepared = prepare(posix)) {
            checkDirectory(posix);
            final int result = prepared.start(CString.of(arena, program).address());
            if (result < 0) {
                final PosixException cause = new PosixException("posix_spawn", -result, text(program));
                throw new SpawnException(Stage.PROGRAM, "cannot start " + quoted(program), cause);
            }
            return prepared.watch();
        }
    }

    /**
     * Prepares everything, so that starting takes calls of the system and nothing else. The program is not part of it.
     *
     * @param posix the calls
     * @return what is prepared, the caller's to close
     * @throws SpawnException if there is no memory or descriptor left
     * @throws IllegalArgumentException if an argument, a variable or the directory contains a NUL byte
     */
    public PreparedSpawn prepare(final Posix posix) throws SpawnException {
        final PreparedSpawn prepared = new PreparedSpawn(posix, arguments, environment);
        try {
            prepared.describeDescriptors(workingDirectory, standard, terminal, hold);
            prepared.describeAttributes(group);
            return prepared;
        } catch (final PosixException e) {
            prepared.close();
            throw new SpawnException(Stage.PREPARATION, "cannot start " + quoted(program), e);
        } catch (final RuntimeException e) {
            prepared.close();
            throw e;
        }
    }

    /** The child's own attempt does not tell a bad directory from a bad program. Opening {@code .} takes permission to enter. */
    private void checkDirectory(final Posix posix) throws SpawnException {
        if (workingDirectory != null) {
            final byte[] path = workingDirectory.length == 0 ? workingDirectory : concatenated(workingDirectory, (byte) '/', (byte) '.');
            try {
                posix.closeQuietly(posix.open(path, Linux.O_PATH | Abi.O_DIRECTORY | Linux.O_CLOEXEC, 0));
            } catch (final PosixException e) {
                throw new SpawnException(Stage.WORKING_DIRECTORY, "cannot enter working directory " + quoted(workingDirectory), e);
            }
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
}
