package dev.sluice.agent.init;

import java.io.IOException;
import java.io.Serial;

/** The guest cannot become what it is told to be. The message says what was asked for, with which values, and why that cannot be. */
public final class BootException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Says why.
     *
     * @param message one line
     */
    public BootException(final String message) {
        super(message);
    }

    /**
     * Says why.
     *
     * @param message one line
     * @param cause what failed
     */
    public BootException(final String message, final Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
