package dev.sluice.agent;

import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.ProcessExit;
import dev.sluice.ffi.linux.Linux;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

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
    /** Of control groups, all together. The loop waits for them, and a program may make any number. */
    static final int REMOVALS_A_SWEEP = 16;
    /** Looks at a control group that has nothing running in it and does not become less, before it is given up: about a minute. */
    private static final int LOOKS_IN_VAIN = 24;

    private final Posix posix;
    private final Guardian guardian;
    private final ArrayList<ChildProcess> children = new ArrayList<>();
    /** Those that are due and have waited longest first. */
    private final ArrayDeque<Group> groups = new ArrayDeque<>();
    private final Consumer<String> warnings;
    private long nowNs;
    private long nextSweepNs;
    private int removalsLeft;

    /** A control group that waits for the end of what is in it, and is looked at less and less often. */
    private static final class Group {
        private final ControlGroup group;
        private final boolean killed;
        private long pauseNs = FIRST_LOOK_NS;
        private long nextNs;
        private int looksInVain;

        private Group(final ControlGroup group, final boolean killed, final long nowNs) {
            this.group = group;
            this.killed = killed;
            this.nextNs = nowNs + pauseNs;
        }
    }

    /**
     * Nothing yet.
     *
     * @param posix the calls
     * @param guardian told of each that is gone, or null
     * @param warnings told what is given up
     */
    Remains(final Posix posix, final Guardian guardian, final Consumer<String> warnings) {
        this.posix = posix;
        this.guardian = guardian;
        this.warnings = warnings;
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
            sweepGroups(now);
            long remaining = children.isEmpty() ? LAST_LOOK_NS : SWEEP_NS;
            for (final Group group : groups) {
                remaining = Math.min(remaining, Math.max(FIRST_LOOK_NS, group.nextNs - now));
            }
            nextSweepNs = now + remaining;
        }
    }

    /** Those that there is no allowance left for are the first next time. */
    private void sweepGroups(final long now) {
        removalsLeft = REMOVALS_A_SWEEP;
        for (int i = groups.size(); i > 0 && removalsLeft > 0; i--) {
            final Group group = groups.poll();
            if (group.nextNs - now > 0 || !isGone(group, now)) {
                groups.add(group);
            }
        }
    }

    private boolean isGone(final Group looked, final long now) {
        final ControlGroup group = looked.group;
        if (group.remove()) {
            removalsLeft--;
            return true;
        }
        if (looked.killed) {
            group.kill();
        }
        // What goes on in it may need groups that are empty now.
        final boolean populated = group.isPopulated();
        final int removed = populated ? 0 : group.removeInner(removalsLeft);
        removalsLeft -= removed;
        if (removed > 0 && group.remove()) {
            return true;
        }
        looked.looksInVain = populated || removed > 0 ? 0 : looked.looksInVain + 1;
        if (looked.looksInVain == LOOKS_IN_VAIN) {
            // Deeper than any use of it, most likely.
            warnings.accept("a control group that is empty cannot be removed and is left behind: " + group.directory());
            return true;
        }
        looked.pauseNs = removed > 0 ? FIRST_LOOK_NS : Math.min(LAST_LOOK_NS, 2 * looked.pauseNs);
        looked.nextNs = now + looked.pauseNs;
        return false;
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
