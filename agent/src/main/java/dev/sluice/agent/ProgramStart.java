package dev.sluice.agent;

import dev.sluice.ffi.Abi;
import dev.sluice.ffi.CString;
import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PreparedSpawn;
import dev.sluice.ffi.Spawn;
import dev.sluice.ffi.SpawnException;
import dev.sluice.ffi.Syscalls;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * The part of a start that happens as whoever the program runs as: becoming that, a look at the working directory, the search for the
 * program, and its exec. {@link #run} makes system calls and nothing else; everything that they need is in memory before.
 *
 * <p>It belongs to one thread, which may let another one {@link #run} it while it waits.
 */
final class ProgramStart implements AutoCloseable {
    /** What went wrong. */
    enum Stage { NONE, USER, DIRECTORY, SEARCH, SPAWN }

    private static final int ROOT = 0;
    /** An id that setresuid(2) leaves as it is. */
    private static final int KEPT = -1;
    private static final int LOOK = Linux.O_PATH | Linux.O_CLOEXEC;

    private final Syscalls calls;
    private final PreparedSpawn spawn;
    private final Arena arena = Arena.ofConfined();
    private final long[] programs;
    private final long[] probes;
    private final long directory;
    private final boolean changesUser;
    private final int uid;
    private final int savedUid;
    private final int gid;
    private final int groupCount;
    private final long groups;
    private final boolean gainsNothing;
    private final boolean restricted;
    private long threadName;
    private Stage failed = Stage.NONE;
    private int errno;
    private int candidate;
    private boolean found;
    private boolean exhausted;

    /**
     * Puts everything into memory.
     *
     * @param posix the calls
     * @param description of the process, all but who it runs as and what is executed
     * @param candidates where the program may lie, at least one
     * @param directory to look at, or null
     * @param user to become, which the thread cannot undo, or null
     * @param changesSavedUser whether to become that user for the saved id, too, so that whoever shares it can set the child's limits
     * @param privileges of the program, and of the thread
     * @throws SpawnException if there is no memory or descriptor left
     */
    ProgramStart(
        final Posix posix, final Spawn description, final List<ProgramSearch.Candidate> candidates, final ByteString directory,
        final ProgramUser user, final boolean changesSavedUser, final Privileges privileges) throws SpawnException {
        this.calls = posix.syscalls();
        this.spawn = description.prepare(posix);
        this.programs = new long[candidates.size()];
        this.probes = new long[candidates.size()];
        for (int i = 0; i < programs.length; i++) {
            programs[i] = string(candidates.get(i).program());
            probes[i] = string(candidates.get(i).probe());
        }
        this.directory = directory == null ? 0 : string(inside(directory));
        this.changesUser = user != null;
        this.uid = changesUser ? user.uid() : 0;
        this.savedUid = changesSavedUser ? uid : KEPT;
        this.gid = changesUser ? user.gid() : 0;
        this.groupCount = changesUser ? user.groups().size() : 0;
        final MemorySegment list = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, groupCount));
        for (int i = 0; i < groupCount; i++) {
            list.setAtIndex(ValueLayout.JAVA_INT, i, user.groups().get(i));
        }
        this.groups = list.address();
        this.gainsNothing = privileges != Privileges.ALL;
        this.restricted = privileges == Privileges.RESTRICTED;
    }

    /** Opening its {@code .} takes permission to enter a directory, which opening the directory alone would not. */
    private static ByteString inside(final ByteString directory) {
        if (directory.isEmpty()) {
            return directory;
        }
        final byte[] path = Arrays.copyOf(directory.toByteArray(), directory.length() + 2);
        path[path.length - 2] = '/';
        path[path.length - 1] = '.';
        return ByteString.copyOf(path);
    }

    private long string(final ByteString bytes) {
        return CString.of(arena, bytes.toByteArray()).address();
    }

    /** Has the thread that runs this, and with it the child until its exec, bear a name by which it is found. */
    void nameThread(final String name) {
        threadName = CString.of(arena, name).address();
    }

    /** Does it, and blocks until the program's exec. Never throws. */
    void run() {
        if (threadName != 0) {
            calls.prctl(Linux.PR_SET_NAME, threadName, 0, 0, 0);
        }
        final int refused = changeIdentity();
        if (refused < 0) {
            fail(Stage.USER, -refused);
            return;
        }
        final int unreachable = directory == 0 ? 0 : look(directory, LOOK | Abi.O_DIRECTORY);
        if (unreachable < 0) {
            fail(Stage.DIRECTORY, -unreachable);
            return;
        }
        search();
    }

    /**
     * The groups while that is still allowed, the user last.
     *
     * <p>The saved user stays the agent's: so no process of that user may trace this thread or, through it, change the agent's limits
     * (prlimit(2), which compares all three ids). The exec makes it the user, too, and takes all capabilities but ambient ones, which the
     * kernel would have cleared with the last id that is root's. Sources: setresuid(2), capabilities(7). Where limits can be given in no
     * other way ({@link LimitSetter}), the saved user is changed, too; as long as the thread lives, its user may then change the agent's.
     * The user may signal the thread in any case, and may hold it up with a file system of its own.
     */
    private int changeIdentity() {
        int result = restricted ? giveUpMounting() : 0;
        if (changesUser) {
            result = result < 0 ? result : calls.setgroups(groupCount, groups);
            result = result < 0 ? result : calls.setresgid(gid, gid, gid);
            if (uid != ROOT) {
                result = result < 0 ? result : calls.prctl(Linux.PR_CAP_AMBIENT, Linux.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
            }
            result = result < 0 ? result : calls.setresuid(uid, uid, savedUid);
        }
        return result < 0 || !gainsNothing ? result : calls.prctl(Linux.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    }

    /**
     * While that is still allowed. An exec gives root what is in the bounding set, and everybody what is inheritable, of which a first
     * process has nothing, or ambient. Source: capabilities(7).
     */
    private int giveUpMounting() {
        final int result = calls.prctl(Linux.PR_CAP_AMBIENT, Linux.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        return result < 0 ? result : calls.prctl(Linux.PR_CAPBSET_DROP, Linux.CAP_SYS_ADMIN, 0, 0, 0);
    }

    private void search() {
        int last = 0;
        Stage stage = Stage.SEARCH;
        for (candidate = 0; candidate < programs.length; candidate++) {
            // Looking costs a few microseconds, a process that fails to exec a hundred times that.
            int result = look(probes[candidate], LOOK);
            stage = Stage.SEARCH;
            if (result == 0) {
                found = true;
                stage = Stage.SPAWN;
                result = spawn.start(programs[candidate]);
                if (result == 0) {
                    return;
                }
            }
            if (!goesOnSearching(-result)) {
                fail(stage, -result);
                return;
            }
            // That something may not be used says more than that nothing is there.
            last = last == Errno.EACCES ? last : -result;
        }
        exhausted = true;
        candidate = programs.length - 1;
        fail(last == Errno.EACCES || found ? Stage.SPAWN : Stage.SEARCH, last);
    }

    private int look(final long path, final int flags) {
        int fd;
        do {
            fd = calls.open(path, flags, 0);
        } while (fd == -Errno.EINTR);
        if (fd >= 0) {
            calls.close(fd);
        }
        return Math.min(0, fd);
    }

    /** As execvp(3): what one place lacks or forbids, the next may have. So it is with a place that is too long to be one. */
    private static boolean goesOnSearching(final int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES, Errno.ENAMETOOLONG, Errno.ENODEV, Errno.ETIMEDOUT -> true;
            default -> false;
        };
    }

    private void fail(final Stage stage, final int number) {
        failed = stage;
        errno = number;
    }

    /** @return what went wrong, {@link Stage#NONE} when the program runs */
    Stage failed() {
        return failed;
    }

    /** @return the error number of what went wrong */
    int errno() {
        return errno;
    }

    /** @return which place was the last to be tried */
    int candidate() {
        return candidate;
    }

    /** @return whether no place has the program; else the one that was tried last has it, and it cannot be executed */
    boolean exhausted() {
        return exhausted;
    }

    /** @return whether there was a file in any of the places */
    boolean found() {
        return found;
    }

    /** Takes hold of the program that runs. */
    ChildProcess watch() throws SpawnException {
        return spawn.watch();
    }

    @Override
    public void close() {
        spawn.close();
        arena.close();
    }
}
