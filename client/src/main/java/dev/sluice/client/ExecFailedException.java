package dev.sluice.client;

import java.util.OptionalInt;

/**
 * The program did not run, or not to its end: it could not be started, or the guest went away under it, which the relay reports with stage
 * {@code relay}.
 */
public final class ExecFailedException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /** Kind of failure: the name on the wire. */
    private final String kind;
    /** Error number, or 0 when there is none. */
    private final int errno;
    /** Symbol of the error number, or "". */
    private final String errnoName;
    /** Where it happened, or "". */
    private final String stage;

    ExecFailedException(final String message, final String kind, final int errno, final String errnoName, final String stage) {
        super(message, null);
        this.kind = kind;
        this.errno = errno;
        this.errnoName = errnoName;
        this.stage = stage;
    }

    /**
     * What kind of failure it was.
     *
     * @return one of {@code not_found permission_denied not_executable bad_cwd bad_args resource_limit user_setup_failed out_of_memory
     *     pty_setup_failed other}, or a name that is newer than this library
     */
    public String kind() {
        return kind;
    }

    /**
     * The error number that the sandbox's kernel gave.
     *
     * @return the number, or empty when there was none
     */
    public OptionalInt errno() {
        return errno == 0 ? OptionalInt.empty() : OptionalInt.of(errno);
    }

    /**
     * The symbol of {@link #errno}, as {@code ENOENT}.
     *
     * @return the symbol, or "" when none was given
     */
    public String errnoName() {
        return errnoName;
    }

    /**
     * What was being done when it failed.
     *
     * @return the step's name, or "" when none was given
     */
    public String stage() {
        return stage;
    }
}
