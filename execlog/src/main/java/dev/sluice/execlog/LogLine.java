package dev.sluice.execlog;

import java.time.Instant;

/** One line of a log, decoded. Immutable as long as nobody writes to the arrays it hands out. */
public final class LogLine {
    private final long epochMs;
    private final LogSource source;
    private final long session;
    private final byte[] data;
    private final LogGap gap;
    private final byte[] json;

    LogLine(final long epochMs, final LogSource source, final long session, final byte[] data, final LogGap gap, final byte[] json) {
        this.epochMs = epochMs;
        this.source = source;
        this.session = session;
        this.data = data;
        this.gap = gap;
        this.json = json;
    }

    /** {@return when the relay took the bytes in, in milliseconds since 1970} */
    public long epochMs() {
        return epochMs;
    }

    /** {@return when the relay took the bytes in} */
    public Instant time() {
        return Instant.ofEpochMilli(epochMs);
    }

    /** {@return where the bytes come from} */
    public LogSource source() {
        return source;
    }

    /** {@return number of the session, 0 when the line concerns none} */
    public long session() {
        return session;
    }

    /** {@return the bytes as they were written; the array is the line's own, not a copy} */
    public byte[] data() {
        return data;
    }

    /** {@return what is missing here, or null when the line does not mark a gap} */
    public LogGap gap() {
        return gap;
    }

    /** {@return the line as it stands in the file, without its newline; the array is the line's own, not a copy} */
    public byte[] json() {
        return json;
    }

    /** {@return where the line belongs: the source of what is missing for one that marks a gap, else its own} */
    public LogSource stream() {
        return gap == null ? source : gap.source();
    }

    @Override
    public String toString() {
        return "line[" + time() + " " + source.text() + " session=" + session + " bytes=" + data.length + "]";
    }
}
