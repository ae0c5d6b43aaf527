package dev.sluice.relay;

import java.lang.foreign.MemorySegment;

/**
 * Bytes for one client that are written from where they lie, in order, behind what is pending in its buffer: bodies in the guest's port,
 * and the headers between them in {@link HeaderScratch}. They are noted and written within one pass, while nothing they refer to moves.
 *
 * <p>Pure state. One owner thread. No allocation.
 */
final class ClientSpans {
    /** Spans of one write, with the two that pending bytes may take a full {@code iovec} array of {@link GatherWriter}. */
    static final int MAX_SPANS = GatherWriter.MAX_IOVECS - GatherWriter.PENDING_IOVECS;

    private final MemorySegment[] memories = new MemorySegment[MAX_SPANS];
    private final long[] offsets = new long[MAX_SPANS];
    private final int[] lengths = new int[MAX_SPANS];
    private int count;
    private int bytes;

    void add(final MemorySegment memory, final long offset, final int length) {
        memories[count] = memory;
        offsets[count] = offset;
        lengths[count] = length;
        count++;
        bytes += length;
    }

    boolean isFull() {
        return count == MAX_SPANS;
    }

    boolean isEmpty() {
        return count == 0;
    }

    int bytes() {
        return bytes;
    }

    /** Describes the spans in entries of {@code struct iovec}. @return the entry behind the last */
    int describe(final MemorySegment iovecs, final int firstEntry) {
        for (int i = 0; i < count; i++) {
            GatherWriter.set(iovecs, firstEntry + i, memories[i].address() + offsets[i], lengths[i]);
        }
        return firstEntry + count;
    }

    /** Forgets the spans; bytes of them that were not written are copied. @param output has room for them, the caller has seen to it */
    void keep(final ClientOutput output, final long written) {
        long skip = written;
        for (int i = 0; i < count; i++) {
            final int taken = (int) Math.min(skip, lengths[i]);
            skip -= taken;
            if (taken < lengths[i]) {
                output.append(memories[i], offsets[i] + taken, lengths[i] - taken);
            }
        }
        clear();
    }

    void clear() {
        for (int i = 0; i < count; i++) {
            memories[i] = null;
        }
        count = 0;
        bytes = 0;
    }
}
