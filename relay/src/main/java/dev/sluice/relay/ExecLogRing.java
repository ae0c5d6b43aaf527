package dev.sluice.relay;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * The relay loop's end of the ring to its log writer. Never waits: what does not fit is refused. Room is kept for sessions whose windows
 * were negotiated, and for the small records that say what is missing and what has ended.
 *
 * <p>One owner thread, the loop's. No allocation. Its memory is the garbage collector's: the writer may outlive the relay's arena.
 */
final class ExecLogRing {
    /** What a record takes besides its data, its alignment included. */
    static final int MAX_OVERHEAD =
        RecordDescriptor.HEADER_LENGTH + ExecLogRecord.CONTENT_OFFSET + RecordDescriptor.ALIGNMENT - 1;
    /** What data does not take: the padding that a record at the end of the memory may need, and some hundred small records. */
    static final int SLACK = ExecLogRecord.MAX_DATA + MAX_OVERHEAD + 8 * 1024;

    private final MemorySegment memory;
    private final UnsafeBuffer buffer;
    private final OneToOneRingBuffer ring;
    private long reserved;
    private boolean published;

    /** @param capacity a power of two */
    ExecLogRing(final int capacity) {
        final int length = capacity + RingBufferDescriptor.TRAILER_LENGTH;
        final ByteBuffer bytes = BufferUtil.allocateDirectAligned(length, BitUtil.CACHE_LINE_LENGTH);
        memory = MemorySegment.ofBuffer(bytes);
        buffer = new UnsafeBuffer(bytes);
        ring = new OneToOneRingBuffer(buffer);
    }

    /** {@return the ring itself, for the writer to read from} */
    OneToOneRingBuffer ring() {
        return ring;
    }

    /** Where the data of a claimed record is to be written. */
    MemorySegment memory() {
        return memory;
    }

    boolean isEmpty() {
        return ring.size() == 0;
    }

    /** {@return whether less than half of it waits} */
    boolean isHalfEmpty() {
        return ring.size() < ring.capacity() / 2;
    }

    int capacity() {
        return ring.capacity();
    }

    /** {@return how much room is kept for sessions} */
    long reserved() {
        return reserved;
    }

    /** Keeps room for a session. @return false when there is none to keep */
    boolean reserve(final long bytes) {
        if (ring.size() + reserved + bytes + SLACK > ring.capacity()) {
            return false;
        }
        reserved += bytes;
        return true;
    }

    void unreserve(final long bytes) {
        reserved -= bytes;
    }

    /**
     * Claims a record of data, to be filled from {@link ExecLogRecord#CONTENT_OFFSET} on and then committed. Several may be claimed.
     *
     * @param ofReserve whether it is for a session that room is kept for
     * @return where the record is, or a number below 0 when there is no room
     */
    int claimData(final int length, final boolean ofReserve) {
        final int needed = length + MAX_OVERHEAD;
        final long kept = ofReserve ? 0 : reserved;
        if (ring.size() + needed + SLACK + kept > ring.capacity()) {
            return -1;
        }
        return ring.tryClaim(ExecLogRecord.DATA, ExecLogRecord.CONTENT_OFFSET + length);
    }

    /** Hands a claimed record over. */
    void commitData(final int index, final long session, final long epochMs, final int what, final int length, final int credit) {
        putHead(index, session, ExecLogRecord.timeAndLength(epochMs, length), what, credit);
        ring.commit(index);
        published = true;
    }

    /** Hands a record without data over. @return false when there is no room */
    boolean publish(final int type, final long session, final long epochMs, final int what) {
        final int index = ring.tryClaim(type, ExecLogRecord.CONTENT_OFFSET);
        if (index < 0) {
            return false;
        }
        putHead(index, session, ExecLogRecord.timeAndLength(epochMs, 0), what, 0);
        ring.commit(index);
        published = true;
        return true;
    }

    /** Says that bytes are missing. @param type why; @return false when there is no room to say so */
    boolean publishGap(
        final int type, final long session, final long epochMs, final int what, final long bytes, final int credit) {
        final int index = ring.tryClaim(type, ExecLogRecord.GAP_LENGTH);
        if (index < 0) {
            return false;
        }
        putHead(index, session, ExecLogRecord.timeAndLength(epochMs, 0), what, credit);
        buffer.putLong(index + ExecLogRecord.CONTENT_OFFSET, bytes);
        ring.commit(index);
        published = true;
        return true;
    }

    private void putHead(final int index, final long session, final long timeAndLength, final int what, final int credit) {
        buffer.putLong(index + ExecLogRecord.SESSION_OFFSET, session);
        buffer.putLong(index + ExecLogRecord.TIME_AND_LENGTH_OFFSET, timeAndLength);
        buffer.putInt(index + ExecLogRecord.WHAT_OFFSET, what);
        buffer.putInt(index + ExecLogRecord.CREDIT_OFFSET, credit);
    }

    /** {@return whether anything was handed over since the last call} */
    boolean takePublished() {
        final boolean was = published;
        published = false;
        return was;
    }
}
