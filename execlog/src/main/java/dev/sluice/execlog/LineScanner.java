package dev.sluice.execlog;

import java.io.IOException;
import java.util.Arrays;

/**
 * Finds lines in a file from some place on. A last line without its newline is not handed out; what is there of it is read anew next time,
 * so that it does not matter if it was cut off and another written in its place meanwhile.
 */
final class LineScanner {
    /** A longer line is skipped. Writers other than Sluice make one line of a frame: 4 MiB of bytes that are six times as long escaped. */
    static final int MAX_LINE = 32 << 20;

    private static final int FIRST_CAPACITY = 64 << 10;

    private LogFile file;
    /** Where in the file the buffer begins. */
    private long bufferPosition;
    private byte[] buffer = new byte[FIRST_CAPACITY];
    private int length;
    private int at;
    private int lineOffset;
    private int lineLength;
    private boolean skipping;
    private long tooLong;

    void start(final LogFile newFile, final long position) {
        file = newFile;
        bufferPosition = position;
        length = 0;
        at = 0;
        skipping = false;
    }

    byte[] buffer() {
        return buffer;
    }

    int lineOffset() {
        return lineOffset;
    }

    int lineLength() {
        return lineLength;
    }

    /** Where the next line starts. */
    long position() {
        return bufferPosition + at;
    }

    /** {@return how many lines were longer than {@link #MAX_LINE}} */
    long tooLong() {
        return tooLong;
    }

    /** {@return whether the file ends in a line without its newline, once {@link #next} has found no more} */
    boolean insideLine() throws IOException {
        return skipping || file.size() > position();
    }

    /** Finds the next line. @return false when no complete one is left */
    boolean next() throws IOException {
        int searched = at;
        while (true) {
            for (int i = searched; i < length; i++) {
                if (buffer[i] == '\n') {
                    lineOffset = at;
                    lineLength = i - at;
                    at = i + 1;
                    if (!skipping) {
                        return true;
                    }
                    skipping = false;
                }
            }
            makeRoom();
            searched = length;
            final int read = file.read(buffer, length, buffer.length - length, bufferPosition + length);
            length += read;
            if (read == 0) {
                // The unfinished line is forgotten here, and read again when somebody asks next.
                length = at;
                return false;
            }
        }
    }

    private void makeRoom() {
        if (at > 0) {
            System.arraycopy(buffer, at, buffer, 0, length - at);
            bufferPosition += at;
            length -= at;
            at = 0;
        }
        if (length == buffer.length && length < MAX_LINE) {
            buffer = Arrays.copyOf(buffer, Math.min(MAX_LINE, 2 * length));
        } else if (length == buffer.length) {
            tooLong += skipping ? 0 : 1;
            skipping = true;
            bufferPosition += length;
            length = 0;
        }
    }
}
