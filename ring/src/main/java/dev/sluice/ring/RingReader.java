package dev.sluice.ring;

import static dev.sluice.ring.RingDescriptor.HEAD_OFFSET;
import static dev.sluice.ring.RingDescriptor.LENGTH_OFFSET;
import static dev.sluice.ring.RingDescriptor.PADDING_TYPE;
import static dev.sluice.ring.RingDescriptor.RECORD_ALIGNMENT;
import static dev.sluice.ring.RingDescriptor.RECORD_HEADER_LENGTH;
import static dev.sluice.ring.RingDescriptor.TAIL_OFFSET;
import static dev.sluice.ring.RingDescriptor.TYPE_OFFSET;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The consumer of one direction, for a producer that is hostile.
 *
 * <p>Its position lives on the heap and is never read back from the shared memory. The producer's position is read with acquire and has to
 * be monotonic, aligned and at most a capacity ahead of what was released; a record's length and type are each copied once and the copies
 * are checked. Anything else breaks the ring, which is a result ({@link #BROKEN}), not an exception, and stays. Whatever the producer
 * writes, a call takes at most {@code capacity / 8} steps and no span reaches outside the records.
 *
 * <p>An Agrona producer moves the tail before it commits the record: a length of 0 or below means "not yet".
 *
 * <p>A cursor walks over the payloads, a span of one record at a time:
 *
 * <pre>
 *   released |  passed, still valid  |  span  |  known, not walked  |  not yet known
 *            ^ release() moves this  ^ cursor ^ position            ^ tail: poll() moves this
 * </pre>
 *
 * <p><b>Threads.</b> One consumer thread. Wait free; no allocation. <b>Ownership.</b> The memory is the caller's and must outlive this
 * object and every use of a span. The producer may change a span's bytes at any time.
 */
public final class RingReader {
    /** The producer broke the rules; {@link #brokenReason} says how. */
    public static final int BROKEN = -2;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment direction;
    private final MemorySegment records;
    private final int capacity;
    private final int maxRecordLength;
    /** What the producer may overwrite ends here. */
    private long head;
    /** Where the record of the current span starts; equals {@link #position} while there is no span. */
    private long spanPosition;
    /** Where the next record to look at starts. */
    private long position;
    /** The producer's position as last seen and found good. */
    private long tail;
    private long spanOffset;
    private int spanLength;
    private boolean passedBytes;
    private long recordsWalked;
    private String brokenReason;

    /**
     * A consumer at the start of a new ring.
     *
     * @param direction the direction's memory, {@code capacity + RingDescriptor.DIRECTION_OVERHEAD} bytes, off-heap, 8-byte aligned
     * @param capacity of the records area in bytes, a power of two
     */
    public RingReader(final MemorySegment direction, final int capacity) {
        this(direction, capacity, 0);
    }

    RingReader(final MemorySegment direction, final int capacity, final long startPosition) {
        if (!RingDescriptor.isValidCapacity(capacity)) {
            throw new IllegalArgumentException("capacity of a ring must be a power of two within limits: capacity=" + capacity);
        }
        this.direction = direction.asSlice(0, (long) capacity + RingDescriptor.DIRECTION_OVERHEAD, Long.BYTES);
        this.records = direction.asSlice(0, capacity);
        this.capacity = capacity;
        this.maxRecordLength = RingDescriptor.maxRecordLength(capacity);
        this.head = startPosition;
        this.spanPosition = startPosition;
        this.position = startPosition;
        this.tail = startPosition;
    }

    /**
     * Looks for bytes unless some are unread already.
     *
     * @return the length of the current span, 0 when there is nothing now, or {@link #BROKEN} when what was good has been handed out
     */
    public int poll() {
        if (spanLength == 0 && brokenReason == null) {
            refreshTail();
            walk();
        }
        return spanLength == 0 && brokenReason != null ? BROKEN : spanLength;
    }

    /** {@return the records area, which spans lie in} */
    public MemorySegment memory() {
        return records;
    }

    /** {@return where the current span starts in {@link #memory()}, in bytes} */
    public long offset() {
        return spanOffset;
    }

    /** {@return length of the current span in bytes, 0 when none is known} */
    public int length() {
        return spanLength;
    }

    /**
     * Moves the cursor, to the next span at the end of this one.
     *
     * @param bytes how far, 0 to {@link #length()}
     */
    public void advance(final int bytes) {
        if (bytes < 0 || bytes > spanLength) {
            throw new IllegalArgumentException("advance beyond the span: bytes=" + bytes + " length=" + spanLength);
        }
        spanOffset += bytes;
        spanLength -= bytes;
        passedBytes |= bytes > 0;
        if (spanLength == 0) {
            walk();
        }
    }

    /**
     * Gives the space of every record the cursor has passed back to the producer. A record is given back whole.
     *
     * @return whether there was something to give back
     */
    public boolean release() {
        passedBytes = false;
        if (head == spanPosition) {
            return false;
        }
        head = spanPosition;
        LONG.setRelease(direction, (long) capacity + HEAD_OFFSET, head);
        return true;
    }

    /**
     * Whether records without bytes (padding, empty ones) have been walked over and nothing else since the last release, so that a release
     * takes nothing away from anybody.
     *
     * @return true when {@link #release} would give back empty records only
     */
    public boolean holdsOnlyEmptyRecords() {
        return !passedBytes && head != spanPosition;
    }

    /** {@return the position released: what the producer has been told} */
    public long releasedPosition() {
        return head;
    }

    /** {@return the least position of the tail at which there may be something new to read, for a wait} */
    public long nextPosition() {
        return position + RECORD_HEADER_LENGTH;
    }

    /** {@return how many records the cursor has walked over, padding and empty ones included} */
    public long recordsWalked() {
        return recordsWalked;
    }

    /** {@return how the producer broke the rules, or null while it has not} */
    public String brokenReason() {
        return brokenReason;
    }

    private void refreshTail() {
        final long seen = (long) LONG.getAcquire(direction, (long) capacity + TAIL_OFFSET);
        // The difference, not the sum, is compared: it cannot overflow once seen is known not to be below tail.
        if (seen < tail || seen - head > capacity || (seen & (RECORD_ALIGNMENT - 1)) != 0) {
            brokenReason = "producer's position: seen=" + seen + " before=" + tail + " released=" + head;
            return;
        }
        tail = seen;
    }

    /** Goes to the next record with a payload. Every step passes at least 8 of at most capacity bytes. */
    private void walk() {
        spanPosition = position;
        while (position != tail && brokenReason == null) {
            final int index = index(position);
            final int recordLength = (int) INT.getAcquire(direction, (long) index + LENGTH_OFFSET);
            if (recordLength <= 0) {
                return;
            }
            final int type = (int) INT.get(direction, (long) index + TYPE_OFFSET);
            if (!isValidRecord(index, recordLength, type)) {
                return;
            }
            recordsWalked++;
            position += RingDescriptor.align(recordLength);
            if (type != PADDING_TYPE && recordLength != RECORD_HEADER_LENGTH) {
                spanOffset = index + RECORD_HEADER_LENGTH;
                spanLength = recordLength - RECORD_HEADER_LENGTH;
                return;
            }
            spanPosition = position;
        }
    }

    private boolean isValidRecord(final int index, final int recordLength, final int type) {
        if (recordLength < RECORD_HEADER_LENGTH || recordLength > maxRecordLength
            || RingDescriptor.align(recordLength) > Math.min(tail - position, capacity - index)) {
            brokenReason = "record length: length=" + recordLength + " type=" + type + " position=" + position + " tail=" + tail
                + " capacity=" + capacity;
            return false;
        }
        if (type < 1 && type != PADDING_TYPE) {
            brokenReason = "record type: type=" + type + " length=" + recordLength + " position=" + position;
            return false;
        }
        return true;
    }

    private int index(final long of) {
        return (int) of & (capacity - 1);
    }
}
