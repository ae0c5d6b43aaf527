package dev.sluice.execlog;

import java.io.IOException;

/** Finds where the last lines of a file that are wanted begin, reading it backwards. */
final class TailFinder {
    private static final int WINDOW = 64 << 10;

    private final LogQuery query;
    private final LogLineParser parser = new LogLineParser();
    private final byte[] window = new byte[WINDOW];
    private long windowStart;
    private int windowLength;
    private LogFile file;
    private long wanted;

    TailFinder(final LogQuery query) {
        this.query = query;
        this.wanted = query.tail();
    }

    /** {@return how many of the wanted lines were not found yet} */
    long wanted() {
        return wanted;
    }

    /** Searches a file older than those before. @return where the oldest of the wanted lines in it begins; its end when it has none */
    long find(final LogFile in) throws IOException {
        file = in;
        windowLength = 0;
        long lineEnd = newlineBefore(file.size());
        long found = file.size();
        while (wanted > 0 && lineEnd >= 0) {
            final long previousEnd = newlineBefore(lineEnd);
            final long start = previousEnd + 1;
            if (isWanted(start, lineEnd)) {
                found = start;
                wanted--;
            }
            lineEnd = previousEnd;
        }
        return found;
    }

    private boolean isWanted(final long start, final long end) throws IOException {
        if (end - start > LineScanner.MAX_LINE) {
            return false;
        }
        final int length = (int) (end - start);
        final LogLine line;
        if (start >= windowStart && end <= windowStart + windowLength) {
            line = parser.parse(window, (int) (start - windowStart), length);
        } else {
            final byte[] bytes = new byte[length];
            line = file.read(bytes, 0, length, start) == length ? parser.parse(bytes, 0, length) : null;
        }
        return line != null && query.matches(line);
    }

    /** {@return the position of the last newline before another position, -1 when there is none} */
    private long newlineBefore(final long end) throws IOException {
        for (long position = end - 1; position >= 0; position--) {
            if (position < windowStart || position >= windowStart + windowLength) {
                windowStart = Math.max(0, position + 1 - WINDOW);
                windowLength = file.read(window, 0, (int) (position + 1 - windowStart), windowStart);
                if (windowLength < position + 1 - windowStart) {
                    throw new IOException("a file of the log got shorter while it was read");
                }
            }
            if (window[(int) (position - windowStart)] == '\n') {
                return position;
            }
        }
        return -1;
    }
}
