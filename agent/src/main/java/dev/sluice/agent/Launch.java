package dev.sluice.agent;

import dev.sluice.ffi.ChildProcess;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ExecFailed;

/** What came of an {@link ExecOrder}. */
sealed interface Launch {
    /** @return the serial number of the order */
    long serial();

    /**
     * The program runs.
     *
     * @param serial of the order
     * @param child the process, a group leader; to be reaped by the owner
     * @param stdin write end of its standard input, or its terminal, non-blocking, the owner's
     * @param stdout read end of its standard output, or its terminal, non-blocking, the owner's
     * @param stderr read end of its standard error, non-blocking, the owner's; -1 with a terminal, whose output is one
     * @param group the control group that it is in, the owner's to remove, or null
     */
    record Started(long serial, ChildProcess child, int stdin, int stdout, int stderr, ControlGroup group) implements Launch {
        /** Kills a program that nobody wants any more, and closes its pipes. It is still to be reaped. */
        void kill(final Posix posix) {
            // Not reaped yet, so the group is the program's.
            posix.syscalls().kill(-child.pid(), Linux.SIGKILL);
            if (group != null) {
                group.kill();
            }
            posix.closeQuietly(stdin);
            posix.closeQuietly(stdout);
            posix.closeQuietly(stderr);
        }

        /** Ends a program that nobody wants any more, with everything that is held of it. Waits for its end. */
        void discard(final Posix posix) {
            kill(posix);
            Reaping.endWithin(posix, child.pidFd(), 0);
            posix.closeQuietly(child.pidFd());
            if (group != null) {
                group.remove();
            }
        }
    }

    /**
     * The program does not run, and nothing is left of it.
     *
     * @param serial of the order
     * @param reason to tell the client
     */
    record Failed(long serial, ExecFailed reason) implements Launch {
    }
}
