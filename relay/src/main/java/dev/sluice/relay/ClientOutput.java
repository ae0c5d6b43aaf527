package dev.sluice.relay;

import java.lang.foreign.MemorySegment;

/**
 * Bytes for one client that its socket has not taken yet: a circular buffer whose size is the cap on what a client that does not read
 * can make the relay hold.
 *
 * <p>Pure state. One owner thread. No allocation.
 */
final class ClientOutput {
    private final MemorySegment memory;
    private final int capacity;
    private long head;
    private long tail;

    /** @param memory the buffer; its size is a power of two */
    ClientOutput(final MemorySegment memory) {
        this.memory = memory;
        this.capacity = Math.toIntExact(memory.byteSize());
        assert Integer.bitCount(capacity) == 1;
    }

    int pending() {
        return (int) (tail - head);
    }

    int room() {
        return capacity - pending();
    }

    /** Appends bytes; the caller has checked {@link #room}. */
    void append(final MemorySegment source, final long offset, final int length) {
        assert length <= room();
        final int index = (int) tail & capacity - 1;
        final int first = Math.min(length, capacity - index);
        MemorySegment.copy(source, offset, memory, index, first);
        if (first < length) {
            MemorySegment.copy(source, offset + first, memory, 0, length - first);
        }
        tail += length;
    }

    /** Describes the pending bytes in at most two entries. @return the entries used */
    int describe(final MemorySegment iovecs) {
        final int length = pending();
        if (length == 0) {
            return 0;
        }
        final int index = (int) head & capacity - 1;
        final int first = Math.min(length, capacity - index);
        GatherWriter.set(iovecs, 0, memory.address() + index, first);
        if (first == length) {
            return 1;
        }
        GatherWriter.set(iovecs, 1, memory.address(), length - first);
        return 2;
    }

    void consumed(final int bytes) {
        head += bytes;
        if (head == tail) {
            // Starting over at the front keeps the pages that are touched few while nothing is pending.
            head = 0;
            tail = 0;
        }
    }

    void discard() {
        head = 0;
        tail = 0;
    }
}
