package dev.sluice.relay;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Private copies of headers and small bodies that lie between spans of the same client, for the length of one pass.
 *
 * <p>Pure state. One owner thread. No allocation after construction.
 */
final class HeaderScratch {
    private static final int CAPACITY = 64 * 1024;

    private final MemorySegment memory;
    private int used;

    HeaderScratch(final Arena arena) {
        memory = arena.allocate(CAPACITY);
    }

    boolean hasRoom(final int length) {
        return CAPACITY - used >= length;
    }

    /** Copies bytes and notes them as the client's next span; there is {@link #hasRoom room}, and the spans are not full. */
    void put(final ClientSpans spans, final MemorySegment source, final long offset, final int length) {
        MemorySegment.copy(source, offset, memory, used, length);
        spans.add(memory, used, length);
        used += length;
    }

    /** Starts over; no span refers to anything here any more. */
    void reset() {
        used = 0;
    }
}
