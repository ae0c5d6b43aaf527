package dev.sluice.agent.files;

import dev.sluice.ffi.Errno;
import java.io.Serial;

/**
 * A file operation that failed: the step it failed at and why, as clients are told. Has no stack trace, since most are answers like any
 * other.
 *
 * <p>The message reads {@code setstat: chmod: Operation not permitted (os error 1)}, the form of the protocol's other agents.
 */
public final class FileException extends Exception {
    /** For {@link #errno} where no system call failed. */
    public static final int NO_ERRNO = 0;

    @Serial
    private static final long serialVersionUID = 1L;

    /** Error number, or {@link #NO_ERRNO}. */
    private final int errno;

    private FileException(final int errno, final String message) {
        super(message, null, false, false);
        this.errno = errno;
    }

    /**
     * A call that failed.
     *
     * @param errno the positive error number
     */
    public FileException(final int errno) {
        this(errno, Errno.text(errno) + " (os error " + errno + ")");
    }

    /**
     * Something that was refused without asking the system.
     *
     * @param reason what and why
     */
    public FileException(final String reason) {
        this(NO_ERRNO, reason);
    }

    /**
     * The same failure, with the step that it happened in.
     *
     * @param step a word or a few
     * @return the described failure
     */
    public FileException during(final String step) {
        return new FileException(errno, step + ": " + getMessage());
    }

    /**
     * Why the call failed.
     *
     * @return the positive error number, {@link #NO_ERRNO} where no call failed
     */
    public int errno() {
        return errno;
    }
}
