package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.ProcessExit;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Waiting for the end of children where nothing else is left to do: at the end of the agent or of its port. */
final class Reaping {
    /** How long a process is given to end by itself, and then to be gone after SIGKILL; one that hangs in the kernel is left behind. */
    static final long PATIENCE_NS = 1_000_000_000;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private Reaping() {
    }

    /**
     * Reaps a child when it has ended, and makes it end after a while.
     *
     * @param posix the calls
     * @param pidFd of the child; stays open
     * @param patienceNs how long to wait before SIGKILL, in nanoseconds
     * @return whether it has been reaped
     */
    static boolean endWithin(final Posix posix, final int pidFd, final long patienceNs) {
        if (!awaitEnd(posix, pidFd, patienceNs)) {
            kill(posix, pidFd);
            if (!awaitEnd(posix, pidFd, PATIENCE_NS)) {
                return false;
            }
        }
        try {
            ProcessExit.await(posix, pidFd);
        } catch (final PosixException e) {
            // ECHILD: somebody else has reaped it, which is as good.
            return e.errno() == Errno.ECHILD;
        }
        return true;
    }

    private static void kill(final Posix posix, final int pidFd) {
        try {
            posix.pidfdSendSignal(pidFd, Linux.SIGKILL);
        } catch (final PosixException e) {
            // ESRCH: it has just ended.
        }
    }

    private static boolean awaitEnd(final Posix posix, final int pidFd, final long patienceNs) {
        final long deadlineNs = System.nanoTime() + patienceNs;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment poll = arena.allocate(pollfd.layout());
            pollfd.fd(poll, pidFd);
            pollfd.events(poll, (short) Linux.POLLIN);
            long remainingNs = patienceNs;
            while (remainingNs >= 0) {
                if (posix.poll(poll.address(), 1, (int) ((remainingNs + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI)) > 0) {
                    return true;
                }
                remainingNs = deadlineNs - System.nanoTime();
            }
            return false;
        }
    }
}
