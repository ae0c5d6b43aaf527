package dev.sluice.ffi;

import dev.sluice.ffi.SpawnException.Stage;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.posix_spawn_file_actions_t;
import dev.sluice.ffi.linux.posix_spawnattr_t;
import dev.sluice.ffi.linux.siginfo_t;
import dev.sluice.ffi.linux.sigset_t;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

import static dev.sluice.ffi.Outcome.succeeded;
import static java.lang.foreign.ValueLayout.JAVA_INT;

/**
 * A child process that is ready to be started, with everything in native memory: {@link Spawn#prepare} makes it.
 *
 * <p><b>Threads.</b> It belongs to the thread that prepared it. {@link #start} alone may be called by another, while the owner waits.
 */
public final class PreparedSpawn implements AutoCloseable {
    private static final String OWN_DESCRIPTORS = "/proc/self/fd/";

    private final Posix posix;
    private final Syscalls calls;
    private final Arena arena = Arena.ofConfined();
    private final int[] duplicates = new int[Spawn.STANDARD_DESCRIPTORS + 1];
    private final MemorySegment argv;
    private final MemorySegment envp;
    private final MemorySegment actions;
    private final MemorySegment attributes;
    private final MemorySegment pid;
    private boolean hasActions;
    private boolean hasAttributes;

    PreparedSpawn(final Posix posix, final List<byte[]> arguments, final List<byte[]> environment) {
        this.posix = posix;
        this.calls = posix.syscalls();
        Arrays.fill(duplicates, -1);
        try {
            this.argv = CString.vector(arena, arguments);
            this.envp = CString.vector(arena, environment);
            this.actions = arena.allocate(posix_spawn_file_actions_t.layout());
            this.attributes = arena.allocate(posix_spawnattr_t.layout());
            this.pid = arena.allocate(JAVA_INT);
        } catch (final RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Starts the process. Makes one call and does nothing else that could need more than the calling thread has: for threads whose identity
     * has been changed. May be called again, with another program, when it has failed.
     *
     * @param programAddress a C string: the path of the file to execute, relative to the child's working directory unless absolute
     * @return 0, or -errno, and then nothing is left of the child
     */
    public int start(final long programAddress) {
        return calls.posixSpawn(
            pid.address(), programAddress, actions.address(), attributes.address(), argv.address(), envp.address());
    }

    /**
     * The child that was started.
     *
     * @return its process id
     */
    public int pid() {
        return pid.get(JAVA_INT, 0);
    }

    /**
     * Takes hold of the child that was started. It cannot be reaped by others, so its pid is still its own, even if it has ended by now.
     *
     * @return the child, which the caller must reap
     * @throws SpawnException if there is no descriptor left for it; then it has been ended
     */
    public ChildProcess watch() throws SpawnException {
        try {
            return new ChildProcess(pid(), posix.pidfdOpen(pid(), 0));
        } catch (final PosixException e) {
            // The whole group, as the child may have started others by now.
            calls.kill(-pid(), Linux.SIGKILL);
            try (Arena temporary = Arena.ofConfined()) {
                posix.waitid(Linux.P_PID, pid(), temporary.allocate(siginfo_t.layout()), Linux.WEXITED);
            } catch (final PosixException unreaped) {
                e.addSuppressed(unreaped);
            }
            throw new SpawnException(Stage.PREPARATION, "cannot watch process " + pid(), e);
        }
    }

    void describeDescriptors(final byte[] directory, final int[] standard, final int terminal, final int hold) throws PosixException {
        succeeded(calls.spawnFileActionsInit(actions.address()), "posix_spawn_file_actions_init");
        hasActions = true;
        if (directory != null) {
            succeeded(
                calls.spawnFileActionsAddChdir(actions.address(), CString.of(arena, directory).address()),
                "posix_spawn_file_actions_addchdir_np");
        }
        if (terminal >= 0) {
            describeTerminal(terminal);
        } else {
            describeStandard(standard);
        }
        if (hold >= 0) {
            // When it is held, nothing is left to do but what no limit on descriptors can keep it from.
            final int source = aboveStandard(hold, Spawn.STANDARD_DESCRIPTORS);
            final int target = source == Spawn.STANDARD_DESCRIPTORS ? source + 1 : Spawn.STANDARD_DESCRIPTORS;
            addOpen(target, source, Linux.O_RDONLY);
        }
        succeeded(
            calls.spawnFileActionsAddCloseFrom(actions.address(), Spawn.STANDARD_DESCRIPTORS), "posix_spawn_file_actions_addclosefrom_np",
            Spawn.STANDARD_DESCRIPTORS);
    }

    /** The first terminal that the leader of a session opens becomes the session's. */
    private void describeTerminal(final int terminal) throws PosixException {
        addOpen(0, aboveStandard(terminal, 0), Linux.O_RDWR);
        for (int target = 1; target < Spawn.STANDARD_DESCRIPTORS; target++) {
            addDup2(0, target);
        }
    }

    private void describeStandard(final int[] standard) throws PosixException {
        for (int target = 0; target < Spawn.STANDARD_DESCRIPTORS; target++) {
            // An earlier target would overwrite it.
            addDup2(standard[target] == target ? target : aboveStandard(standard[target], target), target);
        }
    }

    private int aboveStandard(final int fd, final int slot) throws PosixException {
        if (fd >= Spawn.STANDARD_DESCRIPTORS) {
            return fd;
        }
        duplicates[slot] = posix.fcntl(fd, Linux.F_DUPFD_CLOEXEC, Spawn.STANDARD_DESCRIPTORS);
        return duplicates[slot];
    }

    private void addOpen(final int target, final int source, final int flags) throws PosixException {
        succeeded(
            calls.spawnFileActionsAddOpen(actions.address(), target, CString.of(arena, OWN_DESCRIPTORS + source).address(), flags, 0),
            "posix_spawn_file_actions_addopen", target, source);
    }

    private void addDup2(final int source, final int target) throws PosixException {
        succeeded(calls.spawnFileActionsAddDup2(actions.address(), source, target), "posix_spawn_file_actions_adddup2", source, target);
    }

    void describeAttributes(final short group) throws PosixException {
        succeeded(calls.spawnAttributesInit(attributes.address()), "posix_spawnattr_init");
        hasAttributes = true;
        final MemorySegment all = arena.allocate(sigset_t.layout()).fill((byte) 0xff);
        final MemorySegment none = arena.allocate(sigset_t.layout());
        final short flags = (short) (Linux.POSIX_SPAWN_SETSIGDEF | Linux.POSIX_SPAWN_SETSIGMASK | group);
        succeeded(calls.spawnAttributesSetSignalDefault(attributes.address(), all.address()), "posix_spawnattr_setsigdefault");
        succeeded(calls.spawnAttributesSetSignalMask(attributes.address(), none.address()), "posix_spawnattr_setsigmask");
        succeeded(calls.spawnAttributesSetProcessGroup(attributes.address(), 0), "posix_spawnattr_setpgroup", 0);
        succeeded(calls.spawnAttributesSetFlags(attributes.address(), flags), "posix_spawnattr_setflags", flags);
    }

    /** Gives up what was prepared; a child that was started is not concerned. */
    @Override
    public void close() {
        if (hasAttributes) {
            hasAttributes = false;
            calls.spawnAttributesDestroy(attributes.address());
        }
        if (hasActions) {
            hasActions = false;
            calls.spawnFileActionsDestroy(actions.address());
        }
        for (int i = 0; i < duplicates.length; i++) {
            posix.closeQuietly(duplicates[i]);
            duplicates[i] = -1;
        }
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
