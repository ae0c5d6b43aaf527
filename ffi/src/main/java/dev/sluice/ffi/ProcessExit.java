package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.siginfo_t;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

import static java.lang.foreign.ValueLayout.JAVA_INT;

/**
 * How a child process ended.
 *
 * @param code the exit code; 0 if a signal ended it
 * @param signal the number of the signal that ended it; 0 if it exited by itself
 * @param dumpedCore whether the signal left a core file
 */
public record ProcessExit(int code, int signal, boolean dumpedCore) {
    private static final long STATUS_OFFSET =
        siginfo_t._sifields$offset() + siginfo_t._sifields._sigchld$offset() + siginfo_t._sifields._sigchld.si_status$offset();

    /**
     * Reaps a child if it has ended.
     *
     * @param posix the calls
     * @param pidFd of a child of this process that has not been reaped; stays open
     * @return how it ended, or empty while it runs
     * @throws PosixException if it is no child or has been reaped before (ECHILD)
     */
    public static Optional<ProcessExit> poll(final Posix posix, final int pidFd) throws PosixException {
        return wait(posix, pidFd, Linux.WEXITED | Linux.WNOHANG);
    }

    /**
     * Looks whether a child has ended, without reaping it: until that is done its pid, and with it its process group's id, is not reused.
     *
     * @param posix the calls
     * @param pidFd of a child of this process that has not been reaped; stays open
     * @return how it ended, or empty while it runs
     * @throws PosixException if it is no child or has been reaped before (ECHILD)
     */
    public static Optional<ProcessExit> peek(final Posix posix, final int pidFd) throws PosixException {
        return wait(posix, pidFd, Linux.WEXITED | Linux.WNOHANG | Linux.WNOWAIT);
    }

    /**
     * Waits until a child has ended and reaps it. Blocks without limit: call it when the pidfd is readable, or after SIGKILL.
     *
     * @param posix the calls
     * @param pidFd of a child of this process that has not been reaped; stays open
     * @return how it ended
     * @throws PosixException if it is no child or has been reaped before (ECHILD)
     */
    public static ProcessExit await(final Posix posix, final int pidFd) throws PosixException {
        return wait(posix, pidFd, Linux.WEXITED).orElseThrow();
    }

    /**
     * The status as a shell gives it.
     *
     * @return the exit code, or 128 plus the signal number
     */
    public int shellStatus() {
        return signal == 0 ? code : 128 + signal;
    }

    private static Optional<ProcessExit> wait(final Posix posix, final int pidFd, final int options) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment information = arena.allocate(siginfo_t.layout());
            posix.waitid(Linux.P_PIDFD, pidFd, information, options);
            if (siginfo_t.si_signo(information) == 0) {
                return Optional.empty();
            }
            final int status = information.get(JAVA_INT, STATUS_OFFSET);
            final int how = siginfo_t.si_code(information);
            return Optional.of(how == Linux.CLD_EXITED
                ? new ProcessExit(status, 0, false) : new ProcessExit(0, status, how == Linux.CLD_DUMPED));
        }
    }
}
