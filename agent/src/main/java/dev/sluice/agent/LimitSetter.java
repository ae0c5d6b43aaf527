package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Gives a child that is held before its exec its limits, also one that has become another user. prlimit(2) wants CAP_SYS_RESOURCE for
 * that, or a caller whose real user and group are those of the child, all three of each. So where the capability is missing, as in most
 * containers, the child's start makes its saved user the same as well ({@link #needsSameIds}), and a thread that then ends takes the user
 * and the group as its real ones; its effective ones, and with them its rights to files, stay the agent's. The user may signal it for
 * those few calls, and may change the agent's limits through the thread that starts the child, for as long as it can hold up the start. To
 * raise a hard limit takes the capability in any case. Source: prlimit(2), capabilities(7).
 *
 * <p>Any number of threads.
 */
final class LimitSetter {
    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final String EFFECTIVE = "CapEff:";
    private static final int HEXADECIMAL = 16;
    /** Its number in linux/capability.h. */
    private static final int CAP_SYS_RESOURCE = 24;
    /** An id that setresuid(2) leaves as it is. */
    private static final int KEPT = -1;

    private final Posix posix;
    private final boolean needsSameIds;

    /**
     * For this process as it is now.
     *
     * @param posix the calls
     */
    LimitSetter(final Posix posix) {
        this.posix = posix;
        this.needsSameIds = !isCapable();
    }

    private static boolean isCapable() {
        try {
            for (final String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(EFFECTIVE)) {
                    return (Long.parseUnsignedLong(line.substring(EFFECTIVE.length()).strip(), HEXADECIMAL) >>> CAP_SYS_RESOURCE & 1) != 0;
                }
            }
        } catch (final IOException e) {
            // Without /proc nothing is held.
            return true;
        }
        return true;
    }

    /** @return whether a child that becomes another user must have made its saved user the same to be given limits */
    boolean needsSameIds() {
        return needsSameIds;
    }

    /**
     * Gives limits to a process.
     *
     * @param limits to give
     * @param pid of the process
     * @param user that it has become, or null when it is who the agent is
     * @return null, or why it has not got all of them
     * @throws InterruptedException when this thread is interrupted; it may have them or not
     */
    ExecFailed set(final ResourceLimits limits, final int pid, final ProgramUser user) throws InterruptedException {
        if (user == null || !needsSameIds || limits.isEmpty()) {
            return limits.apply(posix, pid);
        }
        final AtomicReference<ExecFailed> result =
            new AtomicReference<>(ExecFailures.of(Kind.OTHER, ExecFailures.STAGE_AGENT, "setting resource limits failed"));
        final Thread thread = Thread.ofPlatform().name("sluice-limits").daemon(true).unstarted(() -> result.set(setAs(user, limits, pid)));
        try {
            thread.start();
        } catch (final OutOfMemoryError e) {
            return ExecFailures.ofErrno(Kind.RESOURCE_LIMIT, Errno.EAGAIN, ExecFailures.STAGE_LIMITS, "a thread to set resource limits");
        }
        thread.join();
        return result.get();
    }

    private ExecFailed setAs(final ProgramUser user, final ResourceLimits limits, final int pid) {
        int changed = posix.syscalls().setresgid(user.gid(), KEPT, KEPT);
        changed = changed < 0 ? changed : posix.syscalls().setresuid(user.uid(), KEPT, KEPT);
        return changed < 0
            ? ExecFailures.ofErrno(Kind.USER_SETUP_FAILED, -changed, ExecFailures.STAGE_LIMITS, "becoming user " + user.uid())
            : limits.apply(posix, pid);
    }
}
