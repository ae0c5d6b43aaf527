package dev.sluice.relay;

import java.util.ArrayDeque;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * Bytes that could not be written, by stream, until the log can be told about them: one entry a stream, whatever was lost how often. The
 * cause is that of the first loss.
 *
 * <p>Pure state. One owner thread.
 */
final class ExecLogGaps {
    /** Streams that are told apart; what further ones lose is added up in one entry a source, without a session. */
    static final int MAX_STREAMS = 4096;

    private static final class Gap {
        private final long key;
        private final String cause;
        private long bytes;

        Gap(final long key, final String cause) {
            this.key = key;
            this.cause = cause;
        }
    }

    private final Long2ObjectHashMap<Gap> byStream = new Long2ObjectHashMap<>();
    private final ArrayDeque<Gap> inOrder = new ArrayDeque<>();

    boolean isEmpty() {
        return inOrder.isEmpty();
    }

    void add(final long stream, final long bytes, final String cause) {
        if (bytes == 0) {
            return;
        }
        final boolean known = byStream.size() < MAX_STREAMS || byStream.containsKey(stream);
        final long key = known ? stream : ExecLogBatch.key(0, ExecLogBatch.source(stream).ordinal());
        Gap gap = byStream.get(key);
        if (gap == null) {
            gap = new Gap(key, cause);
            byStream.put(key, gap);
            inOrder.add(gap);
        }
        gap.bytes += bytes;
    }

    /** Moves entries into a batch, as lines that mark them, until it is full. */
    void drainTo(final ExecLogBatch batch, final long epochMs) {
        while (!inOrder.isEmpty() && !batch.isFull()) {
            final Gap gap = inOrder.poll();
            byStream.remove(gap.key);
            batch.addGap(epochMs, gap.key, gap.bytes, gap.cause);
        }
    }
}
