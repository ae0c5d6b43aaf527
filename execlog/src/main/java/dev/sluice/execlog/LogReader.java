package dev.sluice.execlog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;

/**
 * Reads a log, also while it is written and rotated. Holds its files open, so that a rotation takes none away that it has begun with; a
 * follower that is more than three rotations behind loses what was deleted, which {@link #missedFiles} tells.
 *
 * <p>Memory is bounded by the longest line. One owner thread; never blocks but for reading files.
 */
public final class LogReader implements Closeable {
    private final Path directory;
    private final LogQuery query;
    private final LineScanner scanner = new LineScanner();
    private final LogLineParser parser = new LogLineParser();
    private final ArrayDeque<LogFile> files;
    private final boolean found;
    private boolean rotationSeen;
    private boolean tornAtEnd;
    private long skipped;
    private long torn;
    private long missed;
    private boolean closed;

    LogReader(final Path directory, final LogQuery query) throws IOException {
        this.directory = directory;
        this.query = query;
        files = LogSnapshot.open(directory);
        found = !files.isEmpty();
        try {
            startFirst(query.hasTail() ? seekTail() : 0);
        } catch (final IOException e) {
            LogSnapshot.closeAll(files);
            throw e;
        }
    }

    /** Leaves those files whose lines are wanted. @return where to begin in the first */
    private long seekTail() throws IOException {
        final TailFinder finder = new TailFinder(query);
        final ArrayDeque<LogFile> kept = new ArrayDeque<>();
        long position = 0;
        while (!files.isEmpty()) {
            final LogFile newest = files.removeLast();
            if (finder.wanted() > 0 || kept.isEmpty()) {
                position = finder.find(newest);
                kept.addFirst(newest);
            } else {
                newest.close();
            }
        }
        files.addAll(kept);
        return position;
    }

    private void startFirst(final long position) {
        rotationSeen = false;
        if (!files.isEmpty()) {
            scanner.start(files.peekFirst(), position);
        }
    }

    /**
     * Reads the next line that is wanted.
     *
     * @return the line; null when there is none now. Without {@link LogQuery#follow} that is the end; with it, ask again later.
     * @throws IOException when a file cannot be read
     */
    public LogLine next() throws IOException {
        while (true) {
            while (!files.isEmpty() && scanner.next()) {
                final LogLine line = parser.parse(scanner.buffer(), scanner.lineOffset(), scanner.lineLength());
                if (line == null) {
                    skipped++;
                } else if (query.matches(line)) {
                    return line;
                }
            }
            if (files.size() > 1) {
                nextFile();
            } else if (!query.follows() || !rotated()) {
                tornAtEnd = !query.follows() && !files.isEmpty() && scanner.insideLine();
                return null;
            }
        }
    }

    private void nextFile() throws IOException {
        torn += scanner.insideLine() ? 1 : 0;
        files.removeFirst().close();
        startFirst(0);
    }

    /** {@return whether there is more to read because a file was begun, or this one cut} */
    private boolean rotated() throws IOException {
        final Object current = LogSnapshot.currentKey(directory);
        if (files.isEmpty()) {
            return current != null && continueAfter(null);
        }
        final LogFile last = files.peekFirst();
        if (last.key().equals(current)) {
            if (last.size() < scanner.position()) {
                // Somebody cut the file that is written to: whatever is in it now is new.
                scanner.start(last, 0);
                return true;
            }
            return false;
        }
        if (!rotationSeen) {
            // Lines may have been written between the look at the file's end and its renaming.
            rotationSeen = true;
            return true;
        }
        return continueAfter(last);
    }

    private boolean continueAfter(final LogFile last) throws IOException {
        final ArrayDeque<LogFile> now = LogSnapshot.open(directory);
        if (last != null && now.stream().anyMatch(file -> file.key().equals(last.key()))) {
            while (!now.peekFirst().key().equals(last.key())) {
                now.removeFirst().close();
            }
            now.removeFirst().close();
        } else if (last != null && !now.isEmpty()) {
            missed++;
        }
        if (now.isEmpty()) {
            // Renamed, and its successor not made yet.
            return false;
        }
        if (last != null) {
            torn += scanner.insideLine() ? 1 : 0;
            files.removeFirst().close();
        }
        files.addAll(now);
        startFirst(0);
        return true;
    }

    /** {@return whether any file of a log was there when this was opened; a log that a relay writes has one from the relay's start on} */
    public boolean foundFiles() {
        return found;
    }

    /** {@return how many lines were skipped so far because they are none of a log} */
    public long skippedLines() {
        return skipped + scanner.tooLong();
    }

    /**
     * {@return how many files ended in a line without its newline: cut by a crash, or, the newest, being written; a follower waits for
     * that one}
     */
    public long tornLines() {
        return torn + (tornAtEnd ? 1 : 0);
    }

    /** {@return how often files were deleted before a follower got to them, or the log was replaced by somebody} */
    public long missedFiles() {
        return missed;
    }

    /** Closes the files. Idempotent. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            LogSnapshot.closeAll(files);
        }
    }
}
