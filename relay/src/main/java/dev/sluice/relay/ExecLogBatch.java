package dev.sluice.relay;

import dev.sluice.execlog.LogGap;
import dev.sluice.execlog.LogLineEncoder;
import dev.sluice.execlog.LogSource;

/**
 * Lines that go to the disk with one write, and what is missing should they not get there.
 *
 * <p>Pure state. One owner thread. No allocation but for gaps.
 */
final class ExecLogBatch {
    /** A batch of this size is written. */
    static final int FULL_BYTES = 256 * 1024;
    static final int MAX_LINES = 4096;
    /** Most data of one line: a record's, and what was carried over from the one before. */
    static final int MAX_LINE_DATA = ExecLogRecord.MAX_DATA + 8;

    /** Room for lines that are made besides the one of a record: what was carried over, and gaps. */
    private static final int EXTRA_LINES = 8;
    private static final int MAX_GAP_LINE = 2048;
    private static final int CAPACITY = FULL_BYTES + LogLineEncoder.maxLength(MAX_LINE_DATA) + EXTRA_LINES * MAX_GAP_LINE;

    private final LogLineEncoder encoder = new LogLineEncoder();
    private final byte[] bytes = new byte[CAPACITY];
    private final int[] ends = new int[MAX_LINES + EXTRA_LINES];
    private final long[] keys = new long[MAX_LINES + EXTRA_LINES];
    private final long[] missing = new long[MAX_LINES + EXTRA_LINES];
    private final String[] causes = new String[MAX_LINES + EXTRA_LINES];
    private int length;
    private int lines;

    /** What identifies the stream of a session: its number and source. */
    static long key(final long session, final int source) {
        return session << 2 | source;
    }

    static long session(final long key) {
        return key >>> 2;
    }

    static LogSource source(final long key) {
        return LogSource.of((int) key & 3);
    }

    static int capacity() {
        return CAPACITY;
    }

    void clear() {
        for (int i = 0; i < lines; i++) {
            causes[i] = null;
        }
        length = 0;
        lines = 0;
    }

    boolean isFull() {
        return length >= FULL_BYTES || lines >= MAX_LINES;
    }

    boolean isEmpty() {
        return lines == 0;
    }

    int lines() {
        return lines;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    int start(final int line) {
        return line == 0 ? 0 : ends[line - 1];
    }

    int end(final int line) {
        return ends[line];
    }

    /** {@return the stream that a line belongs to} */
    long key(final int line) {
        return keys[line];
    }

    /** {@return how many bytes of its stream are missing if the line is not written: its data, or those of the gap that it marks} */
    long missing(final int line) {
        return missing[line];
    }

    /** {@return why the bytes of the gap that the line marks are missing, or null when it does not mark one} */
    String cause(final int line) {
        return causes[line];
    }

    void addData(final long epochMs, final long key, final byte[] data, final int offset, final int count) {
        final int written = encoder.encode(bytes, length, epochMs, source(key), data, offset, count, session(key));
        added(written, key, count, null);
    }

    void addGap(final long epochMs, final long key, final long lost, final String cause) {
        final int written = encoder.encodeGap(bytes, length, epochMs, session(key), new LogGap(source(key), lost, cause));
        added(written, key, lost, cause);
    }

    void addMarker(final long epochMs, final String text) {
        added(encoder.encodeMarker(bytes, length, epochMs, text), key(0, LogSource.SYSTEM.ordinal()), 0, null);
    }

    private void added(final int written, final long key, final long bytesMissing, final String cause) {
        length += written;
        ends[lines] = length;
        keys[lines] = key;
        missing[lines] = bytesMissing;
        causes[lines] = cause;
        lines++;
    }
}
