package dev.sluice.client;

import java.io.IOException;

/**
 * Something that was asked of a sandbox did not come about. Each subclass is one kind of reason; the message says what was being done, with
 * which values.
 */
public abstract class SandboxException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A failure.
     *
     * @param message what was being done and what happened
     * @param cause   what led to it, or null
     */
    protected SandboxException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
