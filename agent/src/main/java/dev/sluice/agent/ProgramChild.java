package dev.sluice.agent;

import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.ProcessExit;
import dev.sluice.ffi.linux.Linux;
import java.util.Optional;

/**
 * The process of a session's program, from its start until it is reaped or left behind: its pidfd, process group and control group. Until
 * it is reaped its pid, and with it the id of its process group, cannot be anybody else's, so that signals never hit a stranger.
 *
 * <p>One owner thread.
 */
final class ProgramChild {
    private static final int UNKNOWN_STATUS = 255;

    private final LoopResources resources;
    private final Posix posix;
    private final long exitToken;
    private ChildProcess child;
    private ControlGroup group;
    private boolean exitWatched;

    /**
     * No process so far.
     *
     * @param exitToken of the events that tell of its end
     */
    ProgramChild(final LoopResources resources, final long exitToken) {
        this.resources = resources;
        this.posix = resources.posix();
        this.exitToken = exitToken;
    }

    /**
     * How a program has ended.
     *
     * @param status    its exit code, or the signal that ended it
     * @param signalled which of both
     */
    record End(int status, boolean signalled) {
    }

    /** Takes a process that runs, and the group that it is in or null; both are this object's from now on. @return its pid */
    int take(final ChildProcess process, final ControlGroup controlGroup) {
        child = process;
        group = controlGroup;
        return child.pid();
    }

    /** @return whether there is one that has been neither reaped nor left behind */
    boolean isThere() {
        return child != null;
    }

    /** Has its end reported from now on. */
    void watchExit() throws PosixException {
        resources.epoll().add(child.pidFd(), Linux.EPOLLIN, exitToken);
        exitWatched = true;
    }

    void unwatchExit() throws PosixException {
        if (exitWatched) {
            exitWatched = false;
            resources.epoll().delete(child.pidFd());
        }
    }

    /** @return how it has ended, or null while it runs; it stays to be reaped */
    End end() {
        try {
            final Optional<ProcessExit> exit = ProcessExit.peek(posix, child.pidFd());
            if (exit.isEmpty()) {
                return null;
            }
            final boolean signalled = exit.get().signal() != 0;
            return new End(signalled ? exit.get().signal() : exit.get().code(), signalled);
        } catch (final PosixException e) {
            // Reaped behind our back, by a program that embeds the agent: how it ended is lost, that it ended is not.
            resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
            return new End(UNKNOWN_STATUS, false);
        }
    }

    void signalGroup(final int signal) {
        if (signal == Linux.SIGKILL && group != null && !resources.context().keepBackground()) {
            group.kill();
        }
        final int result = posix.syscalls().kill(-child.pid(), signal);
        if (result < 0 && result != -Errno.ESRCH) {
            // EPERM: the program has become another user's. Its leader is told at least, which our pidfd may still allow.
            resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
            posix.syscalls().pidfdSendSignal(child.pidFd(), signal);
        }
    }

    /** Lets go of one that has ended. */
    void reap() {
        if (resources.guardian() != null) {
            resources.guardian().remove(child.pid());
        }
        Reaping.endWithin(posix, child.pidFd(), 0);
        posix.closeQuietly(child.pidFd());
        child = null;
        leaveGroup();
    }

    /** Lets go of one that has been killed: it may take its time to end. */
    void leaveBehind() {
        try {
            unwatchExit();
        } catch (final PosixException e) {
            // It will be reported once it has ended, to nobody, until its descriptor is closed soon after.
            resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
        }
        resources.remains().add(child);
        child = null;
        leaveGroup();
    }

    private void leaveGroup() {
        if (group != null) {
            resources.remains().add(group, !resources.context().keepBackground());
            group = null;
        }
    }
}
