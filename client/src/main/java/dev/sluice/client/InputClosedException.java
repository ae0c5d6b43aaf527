package dev.sluice.client;

import dev.sluice.protocol.ExecStdinError;
import java.util.OptionalInt;

/** The program takes no more input: it has ended, or has closed its standard input. */
public final class InputClosedException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /** What the sandbox's kernel said, or null. */
    private final transient ExecStdinError error;

    InputClosedException(final String message) {
        super(message, null);
        this.error = null;
    }

    InputClosedException(final ExecStdinError error) {
        super("the program takes no more input: " + error.message(), null);
        this.error = error;
    }

    /**
     * The error number that the sandbox's kernel gave.
     *
     * @return the number, or empty when there was none
     */
    public OptionalInt errno() {
        return error == null || error.errno() == null ? OptionalInt.empty() : OptionalInt.of(error.errno());
    }

    /**
     * The symbol of {@link #errno}, as {@code EPIPE}.
     *
     * @return the symbol, or "" when none was given
     */
    public String errnoName() {
        return error == null || error.errnoName() == null ? "" : error.errnoName();
    }
}
