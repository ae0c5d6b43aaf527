package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.PosixException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;

/**
 * Says in a file why a relay did not come up, for whoever started it and sees no more than that it is gone: JSON with the keys {@code t},
 * {@code stage}, {@code errno} and {@code message}, as existing client libraries read it ({@code boot-error.json}). The file appears whole
 * or not at all. One that an earlier run has left is removed at the start, so that it is not taken for this run's, and again when a guest
 * is ready.
 *
 * <p>Of the stages that those libraries know, a relay has two: {@code config} for what was asked of it, which includes paths that lead
 * nowhere or may not be used; {@code other} for everything that then failed. The message says what it was.
 *
 * <p>A path that no file can have is refused at the start. A file that cannot be written later is no failure of its own: it is reported,
 * and the exit code stays that of what went wrong first.
 */
final class BootErrorFile {
    static final String OPTION = "--boot-error";

    private static final String TEMPORARY_SUFFIX = ".tmp";
    /** Errors that say that something which an option names is not there, or not to be used. */
    private static final Set<Integer> WRONG_PATH = Set.of(Errno.ENOENT, Errno.ENOTDIR, Errno.EISDIR, Errno.ELOOP, Errno.ENAMETOOLONG,
        Errno.EACCES, Errno.EPERM, Errno.EROFS);

    private enum Stage { CONFIG, OTHER }

    private final Path path;

    private BootErrorFile(final Path path) {
        this.path = path;
    }

    /**
     * The file an option names, or null for none: then nothing is written.
     *
     * @throws IllegalArgumentException when there can be no such file
     */
    static BootErrorFile of(final String option) {
        if (option == null) {
            return new BootErrorFile(null);
        }
        final Path path = Path.of(RawArguments.path(OPTION, option));
        final Path directory = path.toAbsolutePath().getParent();
        if (directory == null || Files.isDirectory(path)) {
            throw new IllegalArgumentException(OPTION + ": " + path + " is a directory, and not a path for a file");
        }
        if (!Files.isDirectory(directory)) {
            throw new IllegalArgumentException(OPTION + ": " + path + ": its directory is not there: make it, or use another path");
        }
        if (!Files.isWritable(directory)) {
            throw new IllegalArgumentException(OPTION + ": " + path + ": no file can be made in its directory: use another path");
        }
        return new BootErrorFile(path);
    }

    /** The file that arguments name which are otherwise wrong; none when this name is what is wrong. */
    static BootErrorFile namedIn(final String[] arguments) {
        try {
            for (int i = 0; i < arguments.length; i++) {
                if (arguments[i].startsWith(OPTION + "=")) {
                    return of(arguments[i].substring(OPTION.length() + 1));
                }
                if (arguments[i].equals(OPTION) && i + 1 < arguments.length) {
                    return of(arguments[i + 1]);
                }
            }
        } catch (final IllegalArgumentException e) {
            // The message about the wrong use says it.
            return of(null);
        }
        return of(null);
    }

    /** Writes that start-up has failed. */
    void write(final Exception failure) {
        final Integer errno = errno(failure);
        final boolean wrongUse = failure instanceof IllegalArgumentException || errno != null && WRONG_PATH.contains(errno);
        write(wrongUse ? Stage.CONFIG : Stage.OTHER, errno, Diagnostics.describe(failure));
    }

    /** Writes that what was asked for cannot be. */
    void writeWrongUse(final String message) {
        write(Stage.CONFIG, null, message);
    }

    /** Writes that no guest became ready. */
    void writeNeverReady(final String message) {
        write(Stage.OTHER, null, message);
    }

    private void write(final Stage stage, final Integer errno, final String message) {
        if (path == null) {
            return;
        }
        final String json = "{\n  \"t\": " + JsonText.quoted(UtcTime.format(Instant.now()))
            + ",\n  \"stage\": " + JsonText.quoted(stage.name().toLowerCase(Locale.ROOT))
            + ",\n  \"errno\": " + errno
            + ",\n  \"message\": " + JsonText.quoted(message) + "\n}\n";
        final Path temporary = Path.of(path + TEMPORARY_SUFFIX);
        if (isSomethingElse()) {
            Diagnostics.print("cannot write " + path + ": it exists and is no file");
            return;
        }
        try {
            try (SeekableByteChannel channel = Files.newByteChannel(temporary,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING,
                    LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                Channels.newOutputStream(channel).write(json.getBytes(UTF_8));
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (final IOException e) {
            Diagnostics.print("cannot write " + path + ": " + Diagnostics.describe(e));
        }
    }

    /** Removes what an earlier start has left. */
    void remove() {
        if (path == null || isSomethingElse()) {
            return;
        }
        try {
            Files.deleteIfExists(path);
        } catch (final IOException e) {
            Diagnostics.print("cannot remove " + path + ": " + Diagnostics.describe(e));
        }
    }

    /** Such as a socket, where somebody gave a wrong path. */
    private boolean isSomethingElse() {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** The error number of what the failure came from, where there is one. */
    private static Integer errno(final Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case PosixException posix -> {
                    return posix.errno();
                }
                case NoSuchFileException missing -> {
                    return Errno.ENOENT;
                }
                case AccessDeniedException denied -> {
                    return Errno.EACCES;
                }
                case FileAlreadyExistsException exists -> {
                    return Errno.EEXIST;
                }
                case NotDirectoryException file -> {
                    return Errno.ENOTDIR;
                }
                default -> {
                }
            }
        }
        return null;
    }
}
