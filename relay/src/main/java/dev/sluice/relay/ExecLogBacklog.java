package dev.sluice.relay;

import dev.sluice.execlog.LogLineEncoder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * What the log has yet to be told: bytes that could not be written, one entry a stream whatever was lost how often, and between them the
 * starts and stops of guests. In the order in which it began. It stays here until a file has it.
 *
 * <p>Bounded: beyond {@value #MAX_STREAMS} streams losses are added up without a session, one entry a source, and beyond
 * {@value #MAX_MARKERS} starts and stops all but the first and the very last are a count. The cause of a gap is that of its first loss.
 *
 * <p>Pure state. One owner thread.
 */
final class ExecLogBacklog {
    /** Streams that are told apart. */
    static final int MAX_STREAMS = 4096;
    /** Starts and stops that are told apart. */
    static final int MAX_MARKERS = 64;

    private static final class Entry {
        private final long key;
        private final String cause;
        private final long epochMs;
        private int kind;
        private long amount;

        Entry(final long key, final String cause) {
            this.key = key;
            this.cause = cause;
            this.epochMs = 0;
            this.kind = ExecLogRecord.GAP;
        }

        Entry(final int kind, final long epochMs) {
            this.key = 0;
            this.cause = null;
            this.epochMs = epochMs;
            this.kind = kind;
            this.amount = 1;
        }
    }

    private final Long2ObjectHashMap<Entry> byStream = new Long2ObjectHashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private int markers;
    private Entry lastMarker;
    private Entry leftOut;

    /** Bytes of a stream are missing. */
    void lost(final long stream, final long bytes, final String cause) {
        if (bytes == 0) {
            return;
        }
        final boolean known = byStream.size() < MAX_STREAMS || byStream.containsKey(stream);
        final long key = known ? stream : ExecLogBatch.key(0, ExecLogBatch.source(stream).ordinal());
        Entry gap = byStream.get(key);
        if (gap == null) {
            gap = new Entry(key, cause);
            byStream.put(key, gap);
            entries.add(gap);
        }
        gap.amount += bytes;
    }

    /** A guest has become ready, or is gone. @param type of the record that says so */
    void mark(final int type, final long epochMs) {
        if (markers < MAX_MARKERS) {
            markers++;
        } else if (leftOut == null) {
            leftOut = lastMarker;
            leftOut.kind = ExecLogRecord.LEFT_OUT;
        } else {
            leftOut.amount++;
            entries.remove(lastMarker);
        }
        lastMarker = new Entry(type, epochMs);
        entries.add(lastMarker);
    }

    /** Guests have become ready, and gone, this many times in all; the relay had no room for more than the count. */
    void markMany(final long count, final long epochMs) {
        if (leftOut == null) {
            leftOut = new Entry(ExecLogRecord.LEFT_OUT, epochMs);
            leftOut.amount = 0;
            entries.add(leftOut);
        }
        leftOut.amount += count;
    }

    /** Makes lines of the oldest entries, until the batch is full. They stay here. @return how many lines */
    int copyTo(final ExecLogBatch batch, final long epochMs) {
        int copied = 0;
        while (copied < entries.size() && !batch.isFull()) {
            final Entry entry = entries.get(copied++);
            switch (entry.kind) {
                case ExecLogRecord.GAP -> batch.addGap(entry.kind, epochMs, entry.key, entry.amount, entry.cause);
                case ExecLogRecord.LEFT_OUT -> batch.addLeftOut(entry.epochMs, entry.amount);
                default -> batch.addMarker(entry.kind, entry.epochMs, text(entry.kind));
            }
        }
        return copied;
    }

    /** {@return what a start or stop says in the log} */
    static String text(final int type) {
        return type == ExecLogRecord.STARTED ? LogLineEncoder.STARTED : LogLineEncoder.STOPPED;
    }

    /** The lines of the oldest entries are in a file. @return how many of them mark a gap */
    int written(final int count) {
        int gaps = 0;
        for (int i = 0; i < count; i++) {
            final Entry entry = entries.get(i);
            if (entry.kind == ExecLogRecord.GAP) {
                byStream.remove(entry.key);
                gaps++;
            } else if (entry == leftOut) {
                leftOut = null;
            } else {
                markers--;
            }
        }
        if (count > 0) {
            entries.subList(0, count).clear();
        }
        return gaps;
    }
}
