package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One direction's memory between two stretches that nobody may write to. */
final class GuardedDirection {
    private static final int GUARD_LENGTH = 4096;
    private static final byte GUARD = 0x5A;

    final int capacity;
    final MemorySegment memory;
    private final MemorySegment all;

    GuardedDirection(final Arena arena, final int capacity) {
        this.capacity = capacity;
        final int length = capacity + RingDescriptor.DIRECTION_OVERHEAD;
        all = arena.allocate(length + 2L * GUARD_LENGTH, 4096);
        all.fill(GUARD);
        memory = all.asSlice(GUARD_LENGTH, length);
        memory.fill((byte) 0);
    }

    void startAt(final long position) {
        memory.fill((byte) 0);
        memory.set(ValueLayout.JAVA_LONG, (long) capacity + RingDescriptor.TAIL_OFFSET, position);
        memory.set(ValueLayout.JAVA_LONG, (long) capacity + RingDescriptor.HEAD_OFFSET, position);
        memory.set(ValueLayout.JAVA_LONG, (long) capacity + RingDescriptor.HEAD_CACHE_OFFSET, position);
    }

    void checkGuards() {
        for (long i = 0; i < GUARD_LENGTH; i++) {
            assertEquals(GUARD, all.get(ValueLayout.JAVA_BYTE, i), "guard before the direction");
            assertEquals(GUARD, all.get(ValueLayout.JAVA_BYTE, all.byteSize() - 1 - i), "guard behind the direction");
        }
    }

    void putLong(final long offset, final long value) {
        memory.set(ValueLayout.JAVA_LONG, offset, value);
    }

    void putInt(final long offset, final int value) {
        memory.set(ValueLayout.JAVA_INT, offset, value);
    }

    /** A record as a producer would leave it, with the tail behind it. */
    void putRecord(final long position, final int length, final int type) {
        final long index = position & (capacity - 1);
        putInt(index + RingDescriptor.TYPE_OFFSET, type);
        putInt(index + RingDescriptor.LENGTH_OFFSET, length);
    }

    void putTail(final long position) {
        putLong((long) capacity + RingDescriptor.TAIL_OFFSET, position);
    }

    void putHead(final long position) {
        putLong((long) capacity + RingDescriptor.HEAD_OFFSET, position);
    }

    long head() {
        return memory.get(ValueLayout.JAVA_LONG, (long) capacity + RingDescriptor.HEAD_OFFSET);
    }
}
