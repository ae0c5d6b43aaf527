package dev.sluice.relay;

import dev.sluice.execlog.LogGap;
import dev.sluice.execlog.LogLineEncoder;
import dev.sluice.execlog.LogSource;

/**
 * Lines that go to the disk with one write, and what is missing should they not get there.
 *
 * <p>Pure state. One owner thread. No allocation but for gaps and markers.
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
    private final int[] types = new int[MAX_LINES + EXTRA_LINES];
    private final long[] times = new long[MAX_LINES + EXTRA_LINES];
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

    /** {@return what the line says: the type of a record} */
    int type(final int line) {
        return types[line];
    }

    /** {@return the time that the line bears, in milliseconds since 1970} */
    long time(final int line) {
        return times[line];
    }

    void addData(final long epochMs, final long key, final byte[] data, final int offset, final int count) {
        final int written = encoder.encode(bytes, length, epochMs, source(key), data, offset, count, session(key));
        added(ExecLogRecord.DATA, epochMs, written, key, count);
    }

    /** @param type of the record that would say so */
    void addGap(final int type, final long epochMs, final long key, final long lost, final String cause) {
        final int written = encoder.encodeGap(bytes, length, epochMs, session(key), new LogGap(source(key), lost, cause));
        added(type, epochMs, written, key, lost);
    }

    /** @param type of the record that would say so */
    void addMarker(final int type, final long epochMs, final String text) {
        final int written = encoder.encodeMarker(bytes, length, epochMs, text);
        added(type, epochMs, written, key(0, LogSource.SYSTEM.ordinal()), 0);
    }

    /** Says how many starts and stops have no line of their own. */
    void addLeftOut(final long epochMs, final long count) {
        final int written = encoder.encodeMarker(bytes, length, epochMs,
            "--- " + count + " starts and stops of the sandbox left out ---\n");
        added(ExecLogRecord.LEFT_OUT, epochMs, written, key(0, LogSource.SYSTEM.ordinal()), count);
    }

    private void added(final int type, final long epochMs, final int written, final long key, final long bytesMissing) {
        length += written;
        ends[lines] = length;
        keys[lines] = key;
        missing[lines] = bytesMissing;
        types[lines] = type;
        times[lines] = epochMs;
        lines++;
    }
}
