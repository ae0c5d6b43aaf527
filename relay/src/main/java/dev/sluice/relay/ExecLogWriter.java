package dev.sluice.relay;

import dev.sluice.execlog.LogGap;
import dev.sluice.execlog.Utf8Joiner;
import dev.sluice.ffi.Errno;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/**
 * Takes records out of the ring, makes lines of them, and has them written. What cannot be written is counted, and marked in the log by one
 * line a stream once there is room again; starts and stops of guests are kept until then. While the disk takes nothing records are taken
 * out and counted all the same: the ring does not fill up, and the relay does not wait.
 *
 * <pre>
 *   RECORDING ──a write fails──► FAILING: counts, tries again after a time that doubles ──a write succeeds──► RECORDING
 * </pre>
 *
 * <p>Has no clock and no thread; its system calls are those of its {@link ExecLogVolume}. One owner thread. No allocation in steady state.
 */
final class ExecLogWriter {
    static final long FIRST_RETRY_NS = 100_000_000;
    static final long LAST_RETRY_NS = 5_000_000_000L;

    private static final Logger LOG = System.getLogger(ExecLogWriter.class.getName());
    private static final int RECORDS_PER_PASS = 4096;
    private static final long NO_CARRY = Utf8Joiner.NO_CARRY;
    private static final int SOURCES_OF_A_SESSION = 3;

    private final OneToOneRingBuffer ring;
    private final ExecLogVolume volume;
    private final ExecLogShared shared;
    private final ExecLogBatch batch = new ExecLogBatch();
    private final ExecLogBacklog backlog = new ExecLogBacklog();
    private final ExecLogNumbers numbers;
    private final Long2LongHashMap carries = new Long2LongHashMap(NO_CARRY);
    private final byte[] data = new byte[ExecLogBatch.MAX_LINE_DATA];
    private final long[] credits = new long[2 * ExecLogShared.SLOTS];
    private final int[] credited = new int[2 * ExecLogShared.SLOTS];
    private final ControlledMessageHandler encodeHandler = this::encode;
    private final ControlledMessageHandler loseHandler = this::lose;
    private int creditedCount;
    /** Lines at the beginning of the batch that are the backlog's. */
    private int backlogLines;
    private boolean failing;
    private String failure;
    private long retryAtNs;
    private long retryNs = FIRST_RETRY_NS;

    ExecLogWriter(final OneToOneRingBuffer ring, final ExecLogVolume volume, final ExecLogShared shared) {
        this.ring = ring;
        this.volume = volume;
        this.numbers = volume.numbers();
        this.shared = shared;
    }

    /** {@return nanoseconds until the disk is tried again, {@link Long#MAX_VALUE} when that is not due} */
    long retryIn(final long nowNs) {
        return failing ? Math.max(0, retryAtNs - nowNs) : Long.MAX_VALUE;
    }

    /** Has the disk tried again at once; before the end. */
    void retryNow(final long nowNs) {
        retryAtNs = nowNs;
    }

    /**
     * One pass: a batch at most.
     *
     * @param nowNs monotonic
     * @param epochMs for lines that are not about one moment
     * @return how much was done, 0 for nothing: there is nothing in the ring, and nothing that can be written now
     */
    int doWork(final long nowNs, final long epochMs) {
        if (retryIn(nowNs) > 0 && failing) {
            final int lost = take(loseHandler);
            settleCredits();
            return lost;
        }
        batch.clear();
        backlogLines = backlog.copyTo(batch, epochMs);
        final int taken = take(encodeHandler);
        final int lines = batch.lines();
        if (lines > 0 || failing) {
            final int written = volume.append(batch);
            account(written);
            if (written < lines || volume.error() != 0) {
                failed(volume.error(), nowNs);
            } else {
                recovered();
            }
        }
        settleCredits();
        return taken + lines;
    }

    /** {@return how many bytes were taken out of the ring; records do not say that: padding at its end is none, and others may follow} */
    private int take(final ControlledMessageHandler handler) {
        final long before = ring.consumerPosition();
        ring.controlledRead(handler, RECORDS_PER_PASS);
        return (int) (ring.consumerPosition() - before);
    }

    private ControlledMessageHandler.Action encode(
        final int type, final MutableDirectBuffer buffer, final int index, final int recordLength) {
        if (batch.isFull()) {
            return ControlledMessageHandler.Action.ABORT;
        }
        final long session = buffer.getLong(index + ExecLogRecord.SESSION_OFFSET);
        final long timeAndLength = buffer.getLong(index + ExecLogRecord.TIME_AND_LENGTH_OFFSET);
        final long epochMs = ExecLogRecord.time(timeAndLength);
        final int what = buffer.getInt(index + ExecLogRecord.WHAT_OFFSET);
        final long key = ExecLogBatch.key(session, ExecLogRecord.source(what));
        numbers.given(session);
        switch (type) {
            case ExecLogRecord.DATA -> {
                encodeData(epochMs, key, buffer, index + ExecLogRecord.CONTENT_OFFSET, ExecLogRecord.length(timeAndLength));
                credit(what, buffer.getInt(index + ExecLogRecord.CREDIT_OFFSET));
            }
            case ExecLogRecord.GAP, ExecLogRecord.OVER_QUOTA -> {
                final long missing = buffer.getLong(index + ExecLogRecord.CONTENT_OFFSET);
                if (missing > 0) {
                    flushCarry(epochMs, key);
                    batch.addGap(type, epochMs, key, missing, cause(type));
                }
                credit(what, buffer.getInt(index + ExecLogRecord.CREDIT_OFFSET));
            }
            case ExecLogRecord.END -> {
                for (int source = 0; source < SOURCES_OF_A_SESSION; source++) {
                    flushCarry(epochMs, ExecLogBatch.key(session, source));
                }
            }
            case ExecLogRecord.STARTED, ExecLogRecord.STOPPED -> batch.addMarker(type, epochMs, ExecLogBacklog.text(type));
            case ExecLogRecord.LEFT_OUT -> batch.addLeftOut(epochMs, buffer.getLong(index + ExecLogRecord.CONTENT_OFFSET));
            default -> throw new AssertionError("record type " + type);
        }
        return ControlledMessageHandler.Action.CONTINUE;
    }

    private static String cause(final int gapType) {
        return gapType == ExecLogRecord.OVER_QUOTA ? LogGap.QUOTA : LogGap.BEHIND;
    }

    private void encodeData(
        final long epochMs, final long key, final MutableDirectBuffer buffer, final int offset, final int recordLength) {
        final int carry = (int) carries.get(key);
        final int carried = Utf8Joiner.unpack(carry, data, 0);
        buffer.getBytes(offset, data, carried, recordLength);
        final int length = carried + recordLength;
        final int tail = Utf8Joiner.incompleteTail(data, 0, length);
        if (tail > 0) {
            carries.put(key, Utf8Joiner.carry(data, length - tail, tail));
        } else if (carry != NO_CARRY) {
            carries.remove(key);
        }
        if (length > tail) {
            batch.addData(epochMs, key, data, 0, length - tail);
        }
    }

    private void flushCarry(final long epochMs, final long key) {
        final int length = takeCarry(key);
        if (length > 0) {
            batch.addData(epochMs, key, data, 0, length);
        }
    }

    private int takeCarry(final long key) {
        final int carry = (int) carries.get(key);
        if (carry == NO_CARRY) {
            return 0;
        }
        carries.remove(key);
        return Utf8Joiner.unpack(carry, data, 0);
    }

    /** What {@link #encode} is while the disk takes nothing. */
    private ControlledMessageHandler.Action lose(
        final int type, final MutableDirectBuffer buffer, final int index, final int recordLength) {
        final long session = buffer.getLong(index + ExecLogRecord.SESSION_OFFSET);
        final long timeAndLength = buffer.getLong(index + ExecLogRecord.TIME_AND_LENGTH_OFFSET);
        final int what = buffer.getInt(index + ExecLogRecord.WHAT_OFFSET);
        final long key = ExecLogBatch.key(session, ExecLogRecord.source(what));
        numbers.given(session);
        switch (type) {
            case ExecLogRecord.DATA -> {
                lost(key, takeCarry(key) + ExecLogRecord.length(timeAndLength));
                credit(what, buffer.getInt(index + ExecLogRecord.CREDIT_OFFSET));
            }
            case ExecLogRecord.GAP, ExecLogRecord.OVER_QUOTA -> {
                lost(key, takeCarry(key));
                backlog.lost(key, buffer.getLong(index + ExecLogRecord.CONTENT_OFFSET), cause(type));
                credit(what, buffer.getInt(index + ExecLogRecord.CREDIT_OFFSET));
            }
            case ExecLogRecord.END -> {
                for (int source = 0; source < SOURCES_OF_A_SESSION; source++) {
                    final long stream = ExecLogBatch.key(session, source);
                    lost(stream, takeCarry(stream));
                }
            }
            case ExecLogRecord.STARTED, ExecLogRecord.STOPPED -> backlog.mark(type, ExecLogRecord.time(timeAndLength));
            case ExecLogRecord.LEFT_OUT ->
                backlog.markMany(buffer.getLong(index + ExecLogRecord.CONTENT_OFFSET), ExecLogRecord.time(timeAndLength));
            default -> throw new AssertionError("record type " + type);
        }
        return ControlledMessageHandler.Action.CONTINUE;
    }

    private void lost(final long key, final long bytes) {
        backlog.lost(key, bytes, failure);
        shared.count(RelayCounter.EXEC_LOG_BYTES_FAILED, bytes);
    }

    private void account(final int written) {
        int gapLines = backlog.written(Math.min(written, backlogLines));
        for (int line = backlogLines; line < batch.lines(); line++) {
            if (line >= written) {
                putBack(line);
            } else if (batch.type(line) == ExecLogRecord.GAP || batch.type(line) == ExecLogRecord.OVER_QUOTA) {
                gapLines++;
            }
        }
        shared.count(RelayCounter.EXEC_LOG_LINES, written);
        shared.count(RelayCounter.EXEC_LOG_BYTES, written == 0 ? 0 : batch.end(written - 1));
        shared.count(RelayCounter.EXEC_LOG_GAPS, gapLines);
    }

    /** A line is not written. What the backlog had already is still in it, in front. */
    private void putBack(final int line) {
        final int type = batch.type(line);
        switch (type) {
            case ExecLogRecord.DATA -> {
                failure = Errno.name(volume.error());
                lost(batch.key(line), batch.missing(line));
            }
            case ExecLogRecord.STARTED, ExecLogRecord.STOPPED -> backlog.mark(type, batch.time(line));
            case ExecLogRecord.LEFT_OUT -> backlog.markMany(batch.missing(line), batch.time(line));
            default -> backlog.lost(batch.key(line), batch.missing(line), cause(type));
        }
    }

    private void failed(final int error, final long nowNs) {
        failure = Errno.name(error);
        shared.count(RelayCounter.EXEC_LOG_ERRORS, 1);
        if (!failing) {
            failing = true;
            shared.failing(true);
            LOG.log(Level.WARNING, "the exec log in {0} cannot be written: {1} at {2}",
                volume.path().toString(), Errno.describe(error), volume.failedCall());
        }
        retryAtNs = nowNs + retryNs;
        retryNs = Math.min(LAST_RETRY_NS, 2 * retryNs);
    }

    private void recovered() {
        if (failing) {
            failing = false;
            shared.failing(false);
            retryNs = FIRST_RETRY_NS;
            LOG.log(Level.INFO, "the exec log in {0} is written again", volume.path().toString());
        }
    }

    private void credit(final int what, final int bytes) {
        final int slot = ExecLogRecord.slot(what);
        if (slot != ExecLogRecord.NO_SLOT) {
            final int stream = LogCredit.stream(slot, ExecLogRecord.source(what));
            if (credits[stream] == 0 && bytes > 0) {
                credited[creditedCount++] = stream;
            }
            credits[stream] += bytes;
        }
    }

    /** What was in the records of this pass is accounted for: written, or counted as lost. */
    private void settleCredits() {
        for (int i = 0; i < creditedCount; i++) {
            final int stream = credited[i];
            shared.account(stream, credits[stream]);
            credits[stream] = 0;
        }
        creditedCount = 0;
    }
}
