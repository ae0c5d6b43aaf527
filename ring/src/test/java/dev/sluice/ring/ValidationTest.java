package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer can write, value by value, and what comes of it. */
class ValidationTest {
    private static final int CAPACITY = 1024;

    private final Arena arena = Arena.ofConfined();
    private final GuardedDirection direction = new GuardedDirection(arena, CAPACITY);
    private final RingReader reader = new RingReader(direction.memory, CAPACITY);
    private final RingWriter writer = new RingWriter(direction.memory, CAPACITY);

    @AfterEach
    void free() {
        arena.close();
    }

    private void assertReaderBroken() {
        assertEquals(RingReader.BROKEN, reader.poll());
        assertNotNull(reader.brokenReason());
        direction.startAt(0);
        assertEquals(RingReader.BROKEN, reader.poll(), "a broken ring stays broken");
        assertEquals(0, reader.length());
    }

    @ParameterizedTest
    @ValueSource(longs = {
        Long.MIN_VALUE, -8, -1, 1, 7, 12, CAPACITY + 8, 1L << 31, 1L << 32, (1L << 32) + 64, Long.MAX_VALUE, Long.MAX_VALUE - 7})
    void readerRefusesTail(final long tail) {
        direction.putTail(tail);
        assertReaderBroken();
    }

    @Test
    void readerRefusesTailThatGoesBack() {
        direction.putRecord(0, 16, 1);
        direction.putTail(16);
        assertEquals(8, reader.poll());
        reader.advance(8);
        direction.putTail(8);
        assertReaderBroken();
    }

    @Test
    void readerRefusesTailMoreThanACapacityAheadOfWhatWasReleased() {
        direction.putRecord(0, 16, 1);
        direction.putTail(16);
        assertEquals(8, reader.poll());
        reader.advance(8);
        direction.putTail(CAPACITY + 8);
        assertReaderBroken();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, CAPACITY / 8 + 9, CAPACITY, CAPACITY + 8, 1 << 30, Integer.MAX_VALUE, Integer.MAX_VALUE - 7})
    void readerRefusesLength(final int length) {
        direction.putRecord(0, length, 1);
        direction.putTail(CAPACITY);
        assertReaderBroken();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, -16, Integer.MIN_VALUE})
    void readerWaitsForARecordThatIsBeingWritten(final int length) {
        direction.putRecord(0, length, 1);
        direction.putTail(64);
        assertEquals(0, reader.poll());
        assertNull(reader.brokenReason());
        direction.putRecord(0, 16, 1);
        assertEquals(8, reader.poll());
    }

    @Test
    void readerRefusesRecordLongerThanWhatWasPublished() {
        direction.putRecord(0, 24, 1);
        direction.putTail(16);
        assertReaderBroken();
    }

    @Test
    void readerRefusesRecordAcrossTheEnd() {
        final long position = CAPACITY - 16;
        final RingReader late = new RingReader(direction.memory, CAPACITY, position);
        direction.startAt(position);
        direction.putRecord(position, 24, 1);
        direction.putTail(position + 64);
        assertEquals(RingReader.BROKEN, late.poll());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -2, Integer.MIN_VALUE})
    void readerRefusesType(final int type) {
        direction.putRecord(0, 16, type);
        direction.putTail(16);
        assertReaderBroken();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, Integer.MAX_VALUE})
    void readerAcceptsEveryPositiveType(final int type) {
        direction.putRecord(0, 11, type);
        direction.putTail(16);
        assertEquals(3, reader.poll());
    }

    @Test
    void goodRecordsBeforeABadOneAreHandedOut() {
        direction.putRecord(0, 16, 1);
        direction.putRecord(16, 3, 1);
        direction.putTail(64);
        assertEquals(8, reader.poll());
        reader.advance(8);
        assertEquals(0, reader.length());
        assertReaderBroken();
    }

    @Test
    void emptyRecordsAndPaddingAreSkippedInBoundedSteps() {
        for (int position = 0; position < CAPACITY; position += 8) {
            direction.putRecord(position, 8, position % 16 == 0 ? 1 : RingDescriptor.PADDING_TYPE);
        }
        direction.putTail(CAPACITY);
        assertEquals(0, reader.poll());
        assertEquals(CAPACITY / 8, reader.recordsWalked());
        assertTrue(reader.holdsOnlyEmptyRecords());
        assertTrue(reader.release());
        assertEquals(CAPACITY, direction.head());
        assertEquals(0, reader.poll());
    }

    @Test
    void headerIsReadOnceSoALaterChangeHasNoEffect() {
        direction.putRecord(0, 32, 1);
        direction.putTail(32);
        assertEquals(24, reader.poll());
        direction.putRecord(0, Integer.MAX_VALUE, 0);
        assertEquals(24, reader.poll());
        reader.advance(24);
        assertEquals(0, reader.poll());
        assertTrue(reader.release());
        assertEquals(32, direction.head());
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -8, 4, 8, 1L << 32, Long.MAX_VALUE})
    void writerRefusesHead(final long head) {
        direction.putHead(head);
        assertEquals(0, writer.unread());
        assertNotNull(writer.brokenReason());
        final MemorySegment bytes = arena.allocate(8);
        assertEquals(RingWriter.BROKEN, writer.write(bytes, 0, 8));
        assertTrue(writer.hasUsefulRoom(), "whoever waits for room is told of the end");
        direction.startAt(0);
        assertEquals(RingWriter.BROKEN, writer.write(bytes, 0, 8), "a broken ring stays broken");
    }

    @Test
    void writerRefusesHeadThatGoesBack() {
        writer.write(arena.allocate(64), 0, 64);
        direction.putHead(16);
        assertEquals(72 - 16, writer.unread());
        direction.putHead(8);
        assertEquals(72 - 16, writer.unread());
        assertNotNull(writer.brokenReason());
    }

    @Test
    void argumentsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new RingReader(direction.memory, 96));
        assertThrows(IllegalArgumentException.class, () -> new RingWriter(direction.memory, 0));
        assertThrows(IllegalArgumentException.class, () -> new RingWriter(direction.memory, CAPACITY, 63));
        assertThrows(IndexOutOfBoundsException.class, () -> new RingReader(direction.memory, 2 * CAPACITY));
        assertThrows(IllegalArgumentException.class, () -> reader.advance(1));
        assertThrows(IllegalArgumentException.class, () -> reader.advance(-1));
    }
}
