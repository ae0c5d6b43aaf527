package dev.sluice.execlog;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.EnumSet;

/**
 * A sandbox's exec log, for those who read it.
 *
 * <pre>{@code
 * try (LogReader reader = ExecLog.read(directory, LogQuery.OUTPUTS.tail(100))) {
 *     for (LogLine line = reader.next(); line != null; line = reader.next()) {
 *         System.out.write(line.data());
 *     }
 * }
 * }</pre>
 */
public final class ExecLog {
    private ExecLog() {
    }

    /**
     * Opens a log for reading. There need be no file in its directory yet, see {@link LogReader#foundFiles}; for a query that follows there
     * need be no directory either.
     *
     * @param directory the log's directory
     * @param query which lines are wanted
     * @return a reader, to be closed
     * @throws NoSuchFileException when there is no such directory, and the query does not follow
     * @throws NotDirectoryException when it is something else
     * @throws IOException when a file cannot be read, or something with the name of one is no regular file
     */
    public static LogReader read(final Path directory, final LogQuery query) throws IOException {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        if (!query.follows() && Files.notExists(directory)) {
            throw new NoSuchFileException(directory.toString(), null, "there is no such directory");
        }
        return new LogReader(directory, query);
    }

    /**
     * What {@link #recover} found.
     *
     * @param bytes how many were written
     * @param gaps how many gaps are marked
     * @param gapBytes how many bytes are missing in them
     */
    public record Recovered(long bytes, long gaps, long gapBytes) {
    }

    /**
     * Puts together what one session wrote to one of its outputs, byte for byte; gaps are left out and counted.
     *
     * @param directory the log's directory
     * @param session number of the session
     * @param source which output
     * @param target where the bytes go
     * @return how much there was, and what is missing
     * @throws IOException when a file cannot be read or the target not written to
     */
    public static Recovered recover(final Path directory, final long session, final LogSource source, final OutputStream target)
        throws IOException {
        long bytes = 0;
        long gaps = 0;
        long gapBytes = 0;
        try (LogReader reader = read(directory, LogQuery.OUTPUTS.session(session).sources(EnumSet.of(source)))) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                if (line.gap() != null) {
                    gaps++;
                    gapBytes += line.gap().bytes();
                } else {
                    target.write(line.data());
                    bytes += line.data().length;
                }
            }
        }
        return new Recovered(bytes, gaps, gapBytes);
    }
}
