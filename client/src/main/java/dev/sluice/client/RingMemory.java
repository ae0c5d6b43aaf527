package dev.sluice.client;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Memory for the rings of a connection's streams. Small rings are on the heap. Large ones are native, so that channels write from where
 * the bytes lie, and are kept for the next stream: to have memory from the system costs as much as to fill it. Thread safe.
 */
final class RingMemory {
    /** Longest ring on the heap, in bytes. */
    static final int HEAP_LENGTH = 64 * 1024;

    /** Native rings that are kept for the next that is needed. */
    private static final int KEPT = 2;

    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();

    /**
     * Takes memory for a ring; what nobody gives back is freed when nothing refers to it any more.
     *
     * @param length in bytes
     */
    MemorySegment take(final int length) {
        if (length <= HEAP_LENGTH) {
            return MemorySegment.ofArray(new byte[length]);
        }
        synchronized (free) {
            for (final Iterator<MemorySegment> kept = free.iterator(); kept.hasNext(); ) {
                final MemorySegment memory = kept.next();
                if (memory.byteSize() == length) {
                    kept.remove();
                    return memory;
                }
            }
        }
        try {
            return Arena.ofAuto().allocate(length);
        } catch (final OutOfMemoryError e) {
            // The limit is that of memory outside the heap, and this is the thread that brings everybody's frames.
            return MemorySegment.ofArray(new byte[length]);
        }
    }

    /** Nobody uses this memory any more. */
    void giveBack(final MemorySegment memory) {
        if (memory.isNative()) {
            synchronized (free) {
                free.addFirst(memory);
                if (free.size() > KEPT) {
                    free.removeLast();
                }
            }
        }
    }
}
