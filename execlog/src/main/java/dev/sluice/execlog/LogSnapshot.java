package dev.sluice.execlog;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The files of a log as they were named at one moment. A rotation between two looks at the names would show a file twice, or hide one; so
 * the names are looked at before and after the files are opened, and again until both looks agree.
 */
final class LogSnapshot {
    /** Rotations in a row that a reader loses against before it gives up: each fills a file. */
    private static final int ATTEMPTS = 1000;

    private LogSnapshot() {
    }

    /** {@return the files there are, oldest first, open; the caller closes them} */
    static ArrayDeque<LogFile> open(final Path directory) throws IOException {
        final List<String> names = LogFiles.oldestFirst();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            final Object[] keys = keys(directory, names);
            final ArrayDeque<LogFile> files = tryOpen(directory, names, keys);
            if (files != null) {
                if (Arrays.equals(keys, keys(directory, names))) {
                    return files;
                }
                closeAll(files);
            }
        }
        throw new IOException("the log in " + directory + " is rotated faster than its files can be opened");
    }

    /** {@return what identifies the file that is written to now, or null when there is none} */
    static Object currentKey(final Path directory) throws IOException {
        return key(directory.resolve(LogFiles.CURRENT));
    }

    private static ArrayDeque<LogFile> tryOpen(final Path directory, final List<String> names, final Object[] keys) throws IOException {
        final ArrayDeque<LogFile> files = new ArrayDeque<>();
        try {
            for (int i = 0; i < keys.length; i++) {
                if (keys[i] != null) {
                    final Path path = directory.resolve(names.get(i));
                    files.add(new LogFile(FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS), keys[i]));
                }
            }
            return files;
        } catch (final NoSuchFileException e) {
            closeAll(files);
            return null;
        } catch (final IOException e) {
            closeAll(files);
            throw e;
        }
    }

    private static Object[] keys(final Path directory, final List<String> names) throws IOException {
        final List<Object> keys = new ArrayList<>();
        for (final String name : names) {
            keys.add(key(directory.resolve(name)));
        }
        return keys.toArray();
    }

    private static Object key(final Path path) throws IOException {
        try {
            final BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                // None of a log's: opening a FIFO would wait for its writer, and a link may lead anywhere.
                throw new IOException(path + " is no file of an exec log (needed: a regular file, no symbolic link)");
            }
            return attributes.fileKey();
        } catch (final NoSuchFileException e) {
            return null;
        }
    }

    static void closeAll(final Iterable<LogFile> files) throws IOException {
        for (final LogFile file : files) {
            file.close();
        }
    }
}
