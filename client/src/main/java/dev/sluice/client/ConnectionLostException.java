package dev.sluice.client;

/**
 * The connection to the relay ended while something was under way, or before. {@link #outcome} says what that means for what was asked for.
 * The relay ends the programs of a lost client.
 */
public final class ConnectionLostException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /** Of what the call that throws this asked for. */
    private final Outcome outcome;

    ConnectionLostException(final String message, final Outcome outcome, final Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /**
     * What is known of what was asked for: of the request, or for a wait on a session that of the session, or for a write to a stream that
     * of the bytes given to that one write.
     *
     * <p>Writes that returned before say nothing: the protocol does not acknowledge the bytes of a stream, so of those too the end may
     * be lost.
     *
     * @return what is known
     */
    public Outcome outcome() {
        return outcome;
    }

    ConnectionLostException withOutcome(final Outcome other) {
        return outcome == other ? this : new ConnectionLostException(getMessage(), other, getCause());
    }
}
