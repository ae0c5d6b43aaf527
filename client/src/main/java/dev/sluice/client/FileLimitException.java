package dev.sluice.client;

/** There is more to copy than {@link CopyOptions.Builder#limits} lets. What was copied until then stays. */
public final class FileLimitException extends SandboxException {
    private static final long serialVersionUID = 1L;

    FileLimitException(final String message) {
        super(message, null);
    }
}
