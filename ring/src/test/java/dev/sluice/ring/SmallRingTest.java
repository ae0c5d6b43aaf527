package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.BytePattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that can happen on rings small enough to try it all: every place to start, every length, every limit. */
class SmallRingTest {
    private static final long[] BASES = {0, (1L << 31) - 128, (1L << 32) - 128, (1L << 62)};

    private final BytePattern pattern = new BytePattern(1);

    @ParameterizedTest
    @ValueSource(ints = {64, 128})
    void everyPairOfWritesFromEveryPositionArrives(final int capacity) {
        try (Arena arena = Arena.ofConfined()) {
            final GuardedDirection direction = new GuardedDirection(arena, capacity);
            final MemorySegment bytes = arena.allocate(2L * capacity);
            for (final long base : BASES) {
                for (int start = 0; start < capacity; start += 8) {
                    for (int first = 0; first <= capacity; first++) {
                        for (int second = 0; second <= capacity; second += 3) {
                            sendTwice(direction, bytes, base + start, capacity, first, second);
                        }
                    }
                }
            }
            direction.checkGuards();
        }
    }

    private void sendTwice(
        final GuardedDirection direction, final MemorySegment bytes, final long start, final int limit, final int first, final int second) {
        direction.startAt(start);
        final RingWriter writer = new RingWriter(direction.memory, direction.capacity, limit, start);
        final RingReader reader = new RingReader(direction.memory, direction.capacity, start);
        int sent = 0;
        int received = 0;
        for (final int length : new int[] {first, second}) {
            pattern.fill(bytes, 0, length, sent);
            final int taken = writer.write(bytes, 0, length);
            assertTrue(taken >= 0 && taken <= length, () -> "taken " + taken + " of " + length);
            assertTrue(writer.unread() <= limit);
            sent += taken;
            writer.publish();
            received += readAll(reader, received, length % 2 == 0);
        }
        assertEquals(sent, received);
        assertEquals(0, writer.unread());
        assertTrue(writer.hasUsefulRoom());
        assertTrue(first == 0 || sent > 0);
    }

    private int readAll(final RingReader reader, final int position, final boolean inHalves) {
        int received = 0;
        while (reader.poll() > 0) {
            final int length = inHalves ? (reader.length() + 1) / 2 : reader.length();
            pattern.check(reader.memory(), reader.offset(), length, position + received);
            reader.advance(length);
            received += length;
        }
        assertEquals(0, reader.poll());
        reader.release();
        return received;
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 128})
    void aProducerThatWaitsForItsWakePositionAlwaysGetsOn(final int capacity) {
        try (Arena arena = Arena.ofConfined()) {
            final GuardedDirection direction = new GuardedDirection(arena, capacity);
            final MemorySegment bytes = arena.allocate(4L * capacity);
            for (int limit = 64; limit <= capacity; limit++) {
                for (int start = 0; start < capacity; start += 8) {
                    for (int length = 1; length <= 2 * capacity; length++) {
                        sendWhole(direction, bytes, start, limit, length);
                    }
                }
            }
            direction.checkGuards();
        }
    }

    /** As two sleeping sides would: the reader releases record by record, the writer goes on only when its position is reached. */
    private void sendWhole(
        final GuardedDirection direction, final MemorySegment bytes, final long start, final int limit, final int length) {
        direction.startAt(start);
        final RingWriter writer = new RingWriter(direction.memory, direction.capacity, limit, start);
        final RingReader reader = new RingReader(direction.memory, direction.capacity, start);
        pattern.fill(bytes, 0, length, 0);
        int sent = 0;
        int received = 0;
        while (sent < length) {
            final int taken = writer.write(bytes, sent, length - sent);
            assertTrue(taken > 0, "a producer that has been woken takes something");
            sent += taken;
            writer.publish();
            if (sent < length) {
                final long wanted = writer.usefulRoomPosition();
                assertTrue(writer.hasUsefulRoom() || wanted > 0);
                while (direction.head() < wanted) {
                    assertTrue(reader.poll() > 0, "everything there is to read does not reach the position waited for");
                    pattern.check(reader.memory(), reader.offset(), reader.length(), received);
                    received += reader.length();
                    reader.advance(reader.length());
                    reader.release();
                }
                assertTrue(writer.hasUsefulRoom());
            }
        }
        assertEquals(length, received + readAll(reader, received, false));
    }

    @Test
    void nothingIsVisibleBeforePublication() {
        try (Arena arena = Arena.ofConfined()) {
            final GuardedDirection direction = new GuardedDirection(arena, 128);
            final RingWriter writer = new RingWriter(direction.memory, 128);
            final RingReader reader = new RingReader(direction.memory, 128);
            final MemorySegment bytes = arena.allocate(16);
            assertFalse(writer.publish());
            assertEquals(16, writer.write(bytes, 0, 16));
            assertEquals(0, reader.poll());
            assertTrue(writer.publish());
            assertFalse(writer.publish());
            assertEquals(16, reader.poll());
        }
    }

    @Test
    void passedBytesStayUntilReleaseAndTheirSpaceIsNotReused() {
        try (Arena arena = Arena.ofConfined()) {
            final GuardedDirection direction = new GuardedDirection(arena, 64);
            final RingWriter writer = new RingWriter(direction.memory, 64);
            final RingReader reader = new RingReader(direction.memory, 64);
            final MemorySegment bytes = arena.allocate(64);
            assertTrue(writer.write(bytes, 0, 64) > 0);
            writer.publish();
            while (reader.poll() > 0) {
                reader.advance(reader.length());
            }
            assertEquals(0, writer.write(bytes, 0, 1));
            assertTrue(reader.release());
            assertFalse(reader.release());
            assertEquals(1, writer.write(bytes, 0, 1));
        }
    }

    @Test
    void aPartlyReadRecordIsReleasedOnlyWhenItIsThrough() {
        try (Arena arena = Arena.ofConfined()) {
            final GuardedDirection direction = new GuardedDirection(arena, 128);
            final RingWriter writer = new RingWriter(direction.memory, 128);
            final RingReader reader = new RingReader(direction.memory, 128);
            final MemorySegment bytes = arena.allocate(16);
            pattern.fill(bytes, 0, 16, 0);
            writer.write(bytes, 0, 16);
            writer.publish();
            assertEquals(16, reader.poll());
            reader.advance(10);
            assertFalse(reader.release());
            assertEquals(6, reader.poll());
            pattern.check(reader.memory(), reader.offset(), 6, 10);
            reader.advance(6);
            assertTrue(reader.release());
            assertEquals(0, writer.unread());
        }
    }
}
