package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.siginfo_t;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Makes this process the parent of what its programs leave behind, so that nothing escapes it, and reaps that.
 *
 * <p>Adopted processes are told from programs by the thread whose children they are: the kernel gives orphans to the process's first
 * thread, while {@link Spawner}'s threads, which live on, keep what they have started. So no program is ever reaped here, not even one
 * whose launch the loop has not heard of yet.
 *
 * <p>Sources: proc_pid_task(5) on {@code children}, which takes a kernel with CONFIG_PROC_CHILDREN; find_new_reaper in kernel/exit.c. One
 * owner thread.
 */
final class OrphanReaper {
    private static final long SWEEP_PAUSE_NS = 1_000_000;

    private final Posix posix;
    private final AgentCounters counters;
    private final Path children;

    private OrphanReaper(final Posix posix, final AgentCounters counters, final Path children) {
        this.posix = posix;
        this.counters = counters;
        this.children = children;
    }

    /**
     * Begins to adopt orphans.
     *
     * @param posix the calls
     * @param counters of the agent
     * @return the reaper
     * @throws IOException when the kernel cannot do that, or does not tell which children there are
     */
    static OrphanReaper start(final Posix posix, final AgentCounters counters) throws IOException {
        final long pid = ProcessHandle.current().pid();
        final OrphanReaper reaper = new OrphanReaper(posix, counters, Path.of("/proc/self/task/" + pid + "/children"));
        reaper.adopted();
        posix.prctl(Linux.PR_SET_CHILD_SUBREAPER, 1);
        return reaper;
    }

    /** Adopts no more. */
    void stop() {
        try {
            posix.prctl(Linux.PR_SET_CHILD_SUBREAPER, 0);
        } catch (final PosixException e) {
            // It could be set, so it can be unset.
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reaps what has ended.
     *
     * @param spared pids that are somebody else's to reap
     * @return how many adopted processes still run
     */
    int reap(final Set<Integer> spared) {
        int running = 0;
        try {
            for (final String pid : adopted()) {
                if (!spared.contains(Integer.valueOf(pid)) && !reap(Integer.parseInt(pid))) {
                    running++;
                }
            }
        } catch (final IOException e) {
            // It could be read before; the next time it will be again.
            return 1;
        }
        return running;
    }

    /**
     * Kills everything adopted, and what that leaves behind in turn.
     *
     * @param spared pids that are somebody else's to reap
     * @param limitNs how long to go on, in nanoseconds
     */
    void killAll(final Set<Integer> spared, final long limitNs) {
        final long deadlineNs = System.nanoTime() + limitNs;
        try {
            while (reap(spared) > 0 && deadlineNs - System.nanoTime() > 0) {
                for (final String pid : adopted()) {
                    if (!spared.contains(Integer.valueOf(pid))) {
                        // Our child and not reaped: the pid is nobody else's.
                        posix.syscalls().kill(Integer.parseInt(pid), Linux.SIGKILL);
                    }
                }
                LockSupport.parkNanos(SWEEP_PAUSE_NS);
            }
        } catch (final IOException e) {
            // As in reap: then they are left to whoever adopts them from us.
            return;
        }
    }

    private String[] adopted() throws IOException {
        final String line = Files.readString(children).strip();
        return line.isEmpty() ? new String[0] : line.split(" +");
    }

    private boolean reap(final int pid) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment information = arena.allocate(siginfo_t.layout());
            posix.waitid(Linux.P_PID, pid, information, Linux.WEXITED | Linux.WNOHANG);
            if (siginfo_t.si_signo(information) == 0) {
                return false;
            }
            counters.increment(AgentCounter.ORPHANS_REAPED);
            return true;
        } catch (final PosixException e) {
            // ECHILD: gone already.
            return true;
        }
    }
}
