package dev.sluice.cli;

import dev.sluice.client.ConnectionLostException;
import java.io.IOException;

/**
 * What could not be done of much that was asked for. Each failure is told where it happens, the rest is done all the same, and the exit
 * code says that something is missing.
 */
final class FailureCount {
    private int count;

    /**
     * Tells a failure.
     *
     * @throws IOException the failure itself, when nothing more can be done either
     */
    void add(final IOException failure) throws IOException {
        if (failure instanceof ConnectionLostException) {
            throw failure;
        }
        add(Diagnostics.describe(failure));
    }

    /** Tells a failure in words. */
    void add(final String message) {
        count++;
        Diagnostics.print(message);
    }

    int count() {
        return count;
    }

    int exitCode() {
        return count == 0 ? ExitCode.OK : ExitCode.INCOMPLETE;
    }
}
