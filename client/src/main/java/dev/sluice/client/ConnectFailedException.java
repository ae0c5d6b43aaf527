package dev.sluice.client;

/** No connection to a relay came about: nothing listens there, the relay had no room, its guest was not ready in time. */
public final class ConnectFailedException extends SandboxException {
    private static final long serialVersionUID = 1L;

    ConnectFailedException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
