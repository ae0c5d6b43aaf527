package dev.sluice.client;

/** The relay did not let this client shut the sandbox down: its connection was closed, the sandbox runs on. */
public final class ShutdownRefusedException extends SandboxException {
    private static final long serialVersionUID = 1L;

    ShutdownRefusedException(final String message) {
        super(message, null);
    }
}
