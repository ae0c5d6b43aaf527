package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;

/**
 * The answers for programs that could not be started.
 *
 * <p>Source of the kinds: relay protocol, section 4, apart from ENOTDIR, which there means a bad working directory: here that has been
 * looked at before, so what is no directory is on the way to the program.
 */
final class ExecFailures {
    /** What was being done: taking the request. */
    static final String STAGE_REQUEST = "request";
    /** What was being done: finding out who the program runs as, and becoming that. */
    static final String STAGE_USER = "user";
    /** What was being done: limiting what the program may use. */
    static final String STAGE_LIMITS = "rlimit";
    /** What was being done: entering the working directory. */
    static final String STAGE_CWD = "cwd";
    /** What was being done: making pipes. */
    static final String STAGE_PIPES = "pipes";
    /** What was being done: making a terminal. */
    static final String STAGE_TERMINAL = "pty";
    /** What was being done: looking for the program. */
    static final String STAGE_SEARCH = "search";
    /** What was being done: starting the program. */
    static final String STAGE_SPAWN = "spawn";
    /** What was being done: the agent's own work, which failed. */
    static final String STAGE_AGENT = "agent";

    /** Messages quote what clients sent, which may be megabytes. */
    private static final int MAX_MESSAGE = 512;

    private ExecFailures() {
    }

    /** A failure that no system call reported. */
    static ExecFailed of(final Kind kind, final String stage, final String message) {
        return new ExecFailed(kind, null, null, shortened(message), stage);
    }

    /** A failure with an error number, of the kind that this number stands for. */
    static ExecFailed ofErrno(final int errno, final String stage, final String message) {
        return ofErrno(kindOf(errno), errno, stage, message);
    }

    /** A failure with an error number. */
    static ExecFailed ofErrno(final Kind kind, final int errno, final String stage, final String message) {
        final String text = shortened(message) + ": " + Errno.text(errno) + " (os error " + errno + ")";
        return new ExecFailed(kind, errno, Errno.name(errno), text, stage);
    }

    /** A working directory that could not be entered; for want of descriptors or memory is not its fault. */
    static ExecFailed ofDirectory(final int errno, final String message) {
        final Kind kind = switch (errno) {
            case Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM -> kindOf(errno);
            default -> Kind.BAD_CWD;
        };
        return ofErrno(kind, errno, STAGE_CWD, message);
    }

    static Kind kindOf(final int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR -> Kind.NOT_FOUND;
            case Errno.EACCES, Errno.EPERM -> Kind.PERMISSION_DENIED;
            case Errno.ENOEXEC, Errno.EISDIR, Errno.ETXTBSY -> Kind.NOT_EXECUTABLE;
            case Errno.E2BIG, Errno.ELOOP, Errno.ENAMETOOLONG, Errno.EFAULT -> Kind.BAD_ARGS;
            case Errno.EMFILE, Errno.ENFILE, Errno.EAGAIN -> Kind.RESOURCE_LIMIT;
            case Errno.ENOMEM -> Kind.OUT_OF_MEMORY;
            default -> Kind.OTHER;
        };
    }

    private static String shortened(final String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...";
    }
}
