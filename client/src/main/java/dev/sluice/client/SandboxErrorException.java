package dev.sluice.client;

import dev.sluice.protocol.CoreError;

/**
 * The sandbox's agent refused a message, with {@code core.error}: what was asked for has not happened.
 */
public final class SandboxErrorException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /** What the agent said. */
    private final transient CoreError error;

    SandboxErrorException(final CoreError error) {
        super("the sandbox's agent refused a message: " + error.kind().wireName() + ": " + error.message(), null);
        this.error = error;
    }

    /**
     * What was wrong.
     *
     * @return the kind; {@code OTHER} also for those that are newer than this library
     */
    public CoreError.Kind kind() {
        return error.kind();
    }

    /**
     * What the agent said about it.
     *
     * @return text for people
     */
    public String agentMessage() {
        return error.message();
    }

    /**
     * The type of the message that was refused, as it is called on the wire.
     *
     * @return the name, or "" when the agent did not say
     */
    public String offendingType() {
        return error.offendingType() == null ? "" : error.offendingType();
    }
}
