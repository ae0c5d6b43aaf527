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

    private final Posix posix;
    private final Guardian guardian;
    private final ArrayList<ChildProcess> children = new ArrayList<>();
    private final ArrayList<ControlGroup> groups = new ArrayList<>();
    private long nowNs;
    private long nextSweepNs;

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

    /** Takes over a control group that has been killed: it can be removed when all that was in it has ended. */
    void add(final ControlGroup group) {
        if (!group.remove()) {
            soon();
            groups.add(group);
        }
    }

    private void soon() {
        if (isEmpty()) {
            nextSweepNs = nowNs + FIRST_LOOK_NS;
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
            nextSweepNs = now + SWEEP_NS;
            children.removeIf(this::isGone);
            groups.removeIf(ControlGroup::remove);
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
