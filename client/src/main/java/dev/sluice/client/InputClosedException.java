package dev.sluice.client;

/** The program takes no more input: it has ended, or has closed its standard input. */
public final class InputClosedException extends SandboxException {
    private static final long serialVersionUID = 1L;

    InputClosedException(final String message) {
        super(message, null);
    }
}
