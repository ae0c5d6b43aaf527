package dev.sluice.client;

/**
 * The connection to the relay ended while something was under way. What had been asked for may have happened, in part or as a whole, or
 * not: the outcome is unknown. The relay ends the programs of a lost client.
 */
public final class ConnectionLostException extends SandboxException {
    private static final long serialVersionUID = 1L;

    ConnectionLostException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
