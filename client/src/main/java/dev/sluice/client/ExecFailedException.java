package dev.sluice.client;

import dev.sluice.protocol.ExecFailed;
import java.util.OptionalInt;

/**
 * The program did not run, or not to its end: it could not be started, or the guest went away under it, which the relay reports with stage
 * {@code relay}.
 */
public final class ExecFailedException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /** What the agent or the relay said. */
    private final transient ExecFailed failure;

    ExecFailedException(final ExecFailed failure) {
        super(failure.message(), null);
        this.failure = failure;
    }

    /**
     * What kind of failure it was.
     *
     * @return the kind; {@code OTHER} also for those that are newer than this library
     */
    public ExecFailed.Kind kind() {
        return failure.kind();
    }

    /**
     * The error number that the sandbox's kernel gave.
     *
     * @return the number, or empty when there was none
     */
    public OptionalInt errno() {
        return failure.errno() == null ? OptionalInt.empty() : OptionalInt.of(failure.errno());
    }

    /**
     * The symbol of {@link #errno}, as {@code ENOENT}.
     *
     * @return the symbol, or "" when none was given
     */
    public String errnoName() {
        return failure.errnoName() == null ? "" : failure.errnoName();
    }

    /**
     * What was being done when it failed.
     *
     * @return the step's name, or "" when none was given
     */
    public String stage() {
        return failure.stage() == null ? "" : failure.stage();
    }
}
