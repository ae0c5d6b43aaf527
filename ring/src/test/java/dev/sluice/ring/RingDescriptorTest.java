package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.Test;

class RingDescriptorTest {
    @Test
    void directionHasAgronasLayout() {
        assertEquals(RingBufferDescriptor.TAIL_POSITION_OFFSET, RingDescriptor.TAIL_OFFSET);
        assertEquals(RingBufferDescriptor.HEAD_CACHE_POSITION_OFFSET, RingDescriptor.HEAD_CACHE_OFFSET);
        assertEquals(RingBufferDescriptor.HEAD_POSITION_OFFSET, RingDescriptor.HEAD_OFFSET);
        assertEquals(RingBufferDescriptor.CORRELATION_COUNTER_OFFSET, RingDescriptor.CORRELATION_COUNTER_OFFSET);
        assertEquals(RingBufferDescriptor.CONSUMER_HEARTBEAT_OFFSET, RingDescriptor.CONSUMER_HEARTBEAT_OFFSET);
        assertEquals(RingBufferDescriptor.TRAILER_LENGTH, RingDescriptor.TRAILER_LENGTH);
        assertEquals(RecordDescriptor.HEADER_LENGTH, RingDescriptor.RECORD_HEADER_LENGTH);
        assertEquals(RecordDescriptor.ALIGNMENT, RingDescriptor.RECORD_ALIGNMENT);
        assertEquals(RecordDescriptor.lengthOffset(0), RingDescriptor.LENGTH_OFFSET);
        assertEquals(RecordDescriptor.typeOffset(0), RingDescriptor.TYPE_OFFSET);
        assertEquals(RingBuffer.PADDING_MSG_TYPE_ID, RingDescriptor.PADDING_TYPE);
    }

    @Test
    void everyFieldHasACacheLineOfItsOwn() {
        assertTrue(RingDescriptor.PRODUCER_WAIT_OFFSET - RingDescriptor.CONSUMER_WAIT_OFFSET >= 128);
        assertTrue(RingDescriptor.CONSUMER_WAIT_OFFSET - RingDescriptor.CONSUMER_HEARTBEAT_OFFSET >= 128);
        assertTrue(RingDescriptor.DIRECTION_OVERHEAD - RingDescriptor.PRODUCER_WAIT_OFFSET >= 128);
    }

    @Test
    void magicSpellsTheName() {
        final byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(RingDescriptor.MAGIC).array();
        assertEquals("SLUICERB", new String(bytes, StandardCharsets.US_ASCII));
    }

    @Test
    void memoryIsWholePagesWithRoomForBothDirections() {
        final int capacity = RingDescriptor.DEFAULT_CAPACITY;
        assertEquals(4096 + 2 * (capacity + 4096), RingDescriptor.memoryLength(capacity, capacity));
        assertEquals(4096 + 4096 + 8192, RingDescriptor.memoryLength(64, 4096));
        assertTrue(RingDescriptor.memoryLength(RingDescriptor.MAX_CAPACITY, RingDescriptor.MAX_CAPACITY) < Integer.MAX_VALUE);
    }

    @Test
    void capacitiesArePowersOfTwoWithinLimits() {
        for (final int good : new int[] {64, 128, 1 << 20, 1 << 26}) {
            assertTrue(RingDescriptor.isValidCapacity(good), "capacity " + good);
        }
        for (final int bad : new int[] {Integer.MIN_VALUE, -64, 0, 1, 32, 63, 96, 1 << 27, 1 << 30, Integer.MAX_VALUE}) {
            assertFalse(RingDescriptor.isValidCapacity(bad), "capacity " + bad);
        }
    }
}
