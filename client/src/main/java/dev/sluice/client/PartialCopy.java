package dev.sluice.client;

import java.io.IOException;

/** The failure of a copy that had begun to write over a file that was there. */
final class PartialCopy {
    private PartialCopy() {
    }

    /** The same failure, saying so; of what ends all copying, such as the loss of the connection, the failure itself. */
    static IOException failure(final IOException cause, final String destination) {
        final String note = "; " + destination + " was there before and may be partly overwritten";
        return switch (cause) {
            case FileOperationException refused -> new FileOperationException(refused, note);
            case SandboxException end -> end;
            default -> new IOException(cause.getMessage() + note, cause);
        };
    }
}
