package dev.sluice.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What Sluice itself has to say: one line each, on standard error. */
final class Diagnostics {
    private Diagnostics() {
    }

    static void print(final String message) {
        System.err.print("sluice: " + TerminalText.line(message) + "\n");
        System.err.flush();
    }

    /** Says what went wrong in words that need no stack trace, as far as the failure has them. */
    static String describe(final Exception failure) {
        final String message = failure.getMessage();
        if (message == null || !(failure instanceof IOException || failure instanceof IllegalArgumentException)) {
            return failure.toString();
        }
        // Of these, many have no message but a path.
        return switch (failure) {
            case NoSuchFileException missing -> "no such file or directory: " + message;
            case AccessDeniedException denied -> "permission denied: " + message;
            case FileAlreadyExistsException exists -> "file exists: " + message;
            case FileSystemException file when file.getReason() == null -> file.getClass().getSimpleName() + ": " + message;
            default -> message;
        };
    }
}
