package dev.sluice.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Duration;

/**
 * What Sluice itself has to say: one line each, on standard error, in the order in which it was said.
 *
 * <p>Who reads that may stop to, and a full pipe must not stop a loop: a thread of its own writes the lines. A command that somebody waits
 * for waits itself until its line is written; one that serves others ({@link #neverWait}) does not.
 */
final class Diagnostics {
    /** Characters that may wait: some thousand lines. */
    private static final int CAPACITY = 256 * 1024;
    /** What is left to be said gets this long at the end. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE);

    private static final LineQueue LINES = new LineQueue(CAPACITY, Diagnostics::write);

    private static volatile boolean waits = true;

    private Diagnostics() {
    }

    /** Says something; returns when it is written, unless this process serves others. */
    static void print(final String message) {
        if (waits) {
            LINES.await(FOREVER);
        }
        log(message);
        if (waits) {
            LINES.await(FOREVER);
        }
    }

    /** Says something without waiting for anybody. */
    static void log(final String message) {
        LINES.add(TerminalText.line(message));
    }

    /** From now on nobody waits for who reads standard error: this process serves others. */
    static void neverWait() {
        waits = false;
    }

    /** Keeps what is said to itself from now on: somebody else has the terminal. Nobody waits for it meanwhile. */
    static void hold() {
        LINES.hold();
    }

    /** Says what was kept, and what comes. */
    static void release() {
        LINES.release();
    }

    /** Waits for what was said to be written, but not for long. */
    static void flush() {
        LINES.await(LAST_WORDS);
    }

    /** Has the end of the JVM, however it comes, wait for what was said to be written, but not for long. */
    static void flushAtExit() {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(Diagnostics::flush));
    }

    private static void write(final String line) {
        System.err.print("sluice: " + line + "\n");
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
            case FileSystemException file when file.getReason() != null -> message;
            case NoSuchFileException missing -> "no such file or directory: " + message;
            case AccessDeniedException denied -> "permission denied: " + message;
            case FileAlreadyExistsException exists -> "file exists: " + message;
            case NotDirectoryException file -> "not a directory: " + message;
            case FileSystemException file -> file.getClass().getSimpleName() + ": " + message;
            default -> message;
        };
    }
}
