package dev.sluice.client;

/** Something took longer than the caller was willing to wait. What happens to it is said by the method that throws. */
public final class DeadlineExceededException extends SandboxException {
    private static final long serialVersionUID = 1L;

    DeadlineExceededException(final String message) {
        super(message, null);
    }
}
