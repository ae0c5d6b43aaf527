package dev.sluice.agent;

import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.ProcessExit;
import dev.sluice.ffi.linux.Linux;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Programs that have been killed and whose sessions are gone. Most end within a millisecond; one that hangs in the kernel may take any
 * time, and nobody is to wait for it: they are looked at from time to time, and killed again, since the first signal may not have been
 * let through.
 *
 * <p>One owner thread.
 */
final class Remains {
    private static final long FIRST_LOOK_NS = 1_000_000;
    private static final long SWEEP_NS = 20_000_000;
    /** Between two looks at a control group in which something goes on. */
    private static final long LAST_LOOK_NS = 5_000_000_000L;
    /** Of control groups that a program has made in its own. The loop waits for them, and a program may make any number. */
    private static final int REMOVALS_A_LOOK = 16;

    private final Posix posix;
    private final Guardian guardian;
    private final ArrayList<ChildProcess> children = new ArrayList<>();
    private final ArrayList<Group> groups = new ArrayList<>();
    private long nowNs;
    private long nextSweepNs;

    /** A control group that waits for the end of what is in it, and is looked at less and less often. */
    private static final class Group {
        private final ControlGroup group;
        private final boolean killed;
        private long pauseNs = FIRST_LOOK_NS;
        private long nextNs;

        private Group(final ControlGroup group, final boolean killed, final long nowNs) {
            this.group = group;
            this.killed = killed;
            this.nextNs = nowNs + pauseNs;
        }

        private boolean isGone(final long nowNs) {
            if (nextNs - nowNs > 0) {
                return false;
            }
            if (group.remove()) {
                return true;
            }
            if (killed) {
                group.kill();
            }
            // What goes on in it may need groups that are empty now.
            final int removed = group.isPopulated() ? 0 : group.removeInner(REMOVALS_A_LOOK);
            if (removed > 0 && group.remove()) {
                return true;
            }
            pauseNs = removed > 0 ? FIRST_LOOK_NS : Math.min(LAST_LOOK_NS, 2 * pauseNs);
            nextNs = nowNs + pauseNs;
            return false;
        }
    }

    /**
     * Nothing yet.
     *
     * @param posix the calls
     * @param guardian told of each that is gone, or null
     */
    Remains(final Posix posix, final Guardian guardian) {
        this.posix = posix;
        this.guardian = guardian;
    }

    /** Takes over a program that has been killed, its pidfd included. */
    void add(final ChildProcess child) {
        soon();
        children.add(child);
    }

    /**
     * Takes over a control group: it can be removed when all that was in it has ended.
     *
     * @param group that its program has left
     * @param killed whether it has been killed, and is to be killed again if that was not enough; else what is in it may go on
     */
    void add(final ControlGroup group, final boolean killed) {
        if (!group.remove()) {
            soon();
            groups.add(new Group(group, killed, nowNs));
        }
    }

    private void soon() {
        final long latestNs = nowNs + (children.isEmpty() ? FIRST_LOOK_NS : SWEEP_NS);
        if (isEmpty() || nextSweepNs - latestNs > 0) {
            nextSweepNs = latestNs;
        }
    }

    private boolean isEmpty() {
        return children.isEmpty() && groups.isEmpty();
    }

    /** @return how many have not ended */
    int size() {
        return children.size();
    }

    /** Adds the pids of those that have not been reaped to a set. */
    void addPidsTo(final Set<Integer> pids) {
        children.forEach(child -> pids.add(child.pid()));
    }

    /** @return nanoseconds until {@link #sweep} is worth a call, {@link Long#MAX_VALUE} for never */
    long remainingNs(final long now) {
        return isEmpty() ? Long.MAX_VALUE : nextSweepNs - now;
    }

    /** Reaps those that have ended, if it is time to look. */
    void sweep(final long now) {
        nowNs = now;
        if (!isEmpty() && nextSweepNs - now <= 0) {
            children.removeIf(this::isGone);
            groups.removeIf(group -> group.isGone(now));
            long remaining = children.isEmpty() ? LAST_LOOK_NS : SWEEP_NS;
            for (final Group group : groups) {
                remaining = Math.min(remaining, group.nextNs - now);
            }
            nextSweepNs = now + remaining;
        }
    }

    /**
     * Waits for the end of all.
     *
     * @param limitNs how long, in nanoseconds
     * @return how many hang in the kernel and are left behind
     */
    int end(final long limitNs) {
        final long deadlineNs = System.nanoTime() + limitNs;
        children.removeIf(this::isGone);
        while (!children.isEmpty() && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(FIRST_LOOK_NS);
            children.removeIf(this::isGone);
        }
        final int left = children.size();
        children.forEach(child -> posix.closeQuietly(child.pidFd()));
        children.clear();
        // What is left of them ends with the directory that they are in.
        groups.clear();
        return left;
    }

    private boolean isGone(final ChildProcess child) {
        try {
            if (ProcessExit.peek(posix, child.pidFd()).isEmpty()) {
                // Not reaped, so the group is the program's.
                posix.syscalls().kill(-child.pid(), Linux.SIGKILL);
                posix.syscalls().pidfdSendSignal(child.pidFd(), Linux.SIGKILL);
                return false;
            }
            forget(child);
            ProcessExit.poll(posix, child.pidFd());
        } catch (final PosixException e) {
            // ECHILD: somebody else has reaped it, which is as good.
            forget(child);
        }
        posix.closeQuietly(child.pidFd());
        return true;
    }

    /** Before it is reaped: afterwards its number may be somebody else's. */
    private void forget(final ChildProcess child) {
        if (guardian != null) {
            guardian.remove(child.pid());
        }
    }
}
