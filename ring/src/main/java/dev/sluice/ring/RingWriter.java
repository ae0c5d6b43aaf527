package dev.sluice.ring;

import static dev.sluice.ring.RingDescriptor.HEAD_OFFSET;
import static dev.sluice.ring.RingDescriptor.LENGTH_OFFSET;
import static dev.sluice.ring.RingDescriptor.RECORD_HEADER_LENGTH;
import static dev.sluice.ring.RingDescriptor.TAIL_OFFSET;
import static dev.sluice.ring.RingDescriptor.TYPE_OFFSET;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The producer of one direction, for a consumer that need not be trusted.
 *
 * <p>Its position lives on the heap and is never read back from the shared memory. The consumer's position is read with acquire and has to
 * be monotonic, aligned and not ahead of what was written: anything else breaks the ring, which is a result ({@link #BROKEN}), not an
 * exception, and stays. What the consumer does to the records harms only the consumer.
 *
 * <p>Bytes are cut into records of at most 64 KiB. A record's length is stored with release once the record is whole and the header behind
 * it is zero, so that Agrona's {@code OneToOneRingBuffer} can read at the other end; the tail, which our {@link RingReader} goes by,
 * follows with {@link #publish}, once a batch.
 *
 * <p><b>Threads.</b> One producer thread. Wait free; no allocation. <b>Ownership.</b> The memory is the caller's and must outlive this
 * object.
 */
public final class RingWriter {
    /** The consumer broke the rules; {@link #brokenReason} says how. */
    public static final int BROKEN = RingReader.BROKEN;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    /** Below this much room a write may not get anything in: padding, a header, the smallest payload, the next header. */
    private static final int LEAST_USEFUL_ROOM = 4 * RECORD_HEADER_LENGTH;

    private final MemorySegment direction;
    private final int capacity;
    private final int limit;
    private final int usefulRoom;
    private final int maxPayload;
    private long tail;
    private long published;
    private long head;
    private String brokenReason;

    /**
     * A producer that may fill the whole ring.
     *
     * @param direction the direction's memory, {@code capacity + RingDescriptor.DIRECTION_OVERHEAD} bytes, off-heap, 8-byte aligned, zero
     * @param capacity of the records area in bytes, a power of two
     */
    public RingWriter(final MemorySegment direction, final int capacity) {
        this(direction, capacity, capacity);
    }

    /**
     * A producer that leaves at most so much unread.
     *
     * @param direction the direction's memory, {@code capacity + RingDescriptor.DIRECTION_OVERHEAD} bytes, off-heap, 8-byte aligned, zero
     * @param capacity of the records area in bytes, a power of two
     * @param unreadLimit bytes of records, headers included, that may lie unread; at least 64, cut down to the capacity
     */
    public RingWriter(final MemorySegment direction, final int capacity, final int unreadLimit) {
        this(direction, capacity, unreadLimit, 0);
    }

    RingWriter(final MemorySegment direction, final int capacity, final int unreadLimit, final long startPosition) {
        if (!RingDescriptor.isValidCapacity(capacity)) {
            throw new IllegalArgumentException("capacity of a ring must be a power of two within limits: capacity=" + capacity);
        }
        if (unreadLimit < RingDescriptor.MIN_CAPACITY) {
            throw new IllegalArgumentException("unread limit below " + RingDescriptor.MIN_CAPACITY + ": unreadLimit=" + unreadLimit);
        }
        this.direction = direction.asSlice(0, (long) capacity + RingDescriptor.DIRECTION_OVERHEAD, Long.BYTES);
        this.capacity = capacity;
        this.limit = Math.min(unreadLimit, capacity) & -RingDescriptor.RECORD_ALIGNMENT;
        this.usefulRoom = Math.max(LEAST_USEFUL_ROOM, RingDescriptor.align(limit / 4));
        this.maxPayload =
            Math.min(RingDescriptor.MAX_OWN_RECORD_LENGTH, RingDescriptor.maxRecordLength(capacity)) - RECORD_HEADER_LENGTH;
        this.tail = startPosition;
        this.published = startPosition;
        this.head = startPosition;
    }

    /**
     * Takes bytes, as many as there is room for. The consumer is told by {@link #publish}.
     *
     * @param memory where they lie; only read during the call
     * @param offset of the first byte in {@code memory}
     * @param length how many, 0 or more
     * @return how many were taken, or {@link #BROKEN}
     */
    public int write(final MemorySegment memory, final long offset, final int length) {
        // Twice the length is more than records of the smallest size take; the shared position is read only when it may matter.
        if (limit - unreadKnown() < 2L * length + 2 * LEAST_USEFUL_ROOM) {
            refreshHead();
        }
        if (brokenReason != null) {
            return BROKEN;
        }
        int taken = 0;
        while (taken < length) {
            final int index = index(tail);
            final int toEnd = capacity - index;
            // Agrona's rule: behind a record there is always room for the header of the next, which is zeroed first.
            final int room = limit - unreadKnown() - RECORD_HEADER_LENGTH;
            if (toEnd == RECORD_HEADER_LENGTH && room >= RECORD_HEADER_LENGTH) {
                commit(index, RECORD_HEADER_LENGTH, RingDescriptor.PADDING_TYPE);
                continue;
            }
            final int payloadRoom = Math.min(Math.min(room, toEnd) - RECORD_HEADER_LENGTH, maxPayload);
            if (payloadRoom <= 0) {
                break;
            }
            final int payload = Math.min(payloadRoom, length - taken);
            MemorySegment.copy(memory, offset + taken, direction, index + RECORD_HEADER_LENGTH, payload);
            commit(index, RECORD_HEADER_LENGTH + payload, RingDescriptor.BYTES_TYPE);
            taken += payload;
        }
        return taken;
    }

    /**
     * Makes everything taken so far visible to the consumer.
     *
     * @return whether there was something new
     */
    public boolean publish() {
        if (tail == published) {
            return false;
        }
        LONG.setRelease(direction, (long) capacity + TAIL_OFFSET, tail);
        published = tail;
        return true;
    }

    /** {@return this producer's position: bytes of records since the ring was made} */
    public long position() {
        return tail;
    }

    /**
     * Looks at how far the consumer is.
     *
     * @return bytes of records, headers included, not yet released by the consumer; from 0 to the unread limit whatever the consumer does
     */
    public int unread() {
        refreshHead();
        return unreadKnown();
    }

    /**
     * Looks whether waiting for room is over: a quarter of the unread limit is free, which lets every write take something.
     *
     * @return true also when the ring is broken, so that the next write says so
     */
    public boolean hasUsefulRoom() {
        refreshHead();
        return brokenReason != null || limit - unreadKnown() >= usefulRoom;
    }

    /**
     * Where the consumer's position has to get for {@link #hasUsefulRoom()}. Not beyond this producer's own position, so a consumer that
     * reads everything there is always gets there.
     *
     * @return a position; above 0 while there is no useful room
     */
    public long usefulRoomPosition() {
        return tail - (limit - usefulRoom);
    }

    /** {@return how the consumer broke the rules, or null while it has not} */
    public String brokenReason() {
        return brokenReason;
    }

    private void commit(final int index, final int recordLength, final int type) {
        final int space = RingDescriptor.align(recordLength);
        LONG.set(direction, (long) index(tail + space), 0L);
        INT.set(direction, (long) index + TYPE_OFFSET, type);
        INT.setRelease(direction, (long) index + LENGTH_OFFSET, recordLength);
        tail += space;
    }

    private void refreshHead() {
        if (brokenReason != null) {
            return;
        }
        final long seen = (long) LONG.getAcquire(direction, (long) capacity + HEAD_OFFSET);
        if (seen < head || seen > tail || (seen & (RingDescriptor.RECORD_ALIGNMENT - 1)) != 0) {
            brokenReason = "consumer's position: seen=" + seen + " before=" + head + " written=" + tail;
            return;
        }
        head = seen;
    }

    private int unreadKnown() {
        return (int) (tail - head);
    }

    private int index(final long position) {
        return (int) position & (capacity - 1);
    }
}
