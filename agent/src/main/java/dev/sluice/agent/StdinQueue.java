package dev.sluice.agent;

import dev.sluice.agent.StdinMemory.Chunk;
import dev.sluice.ffi.Posix;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** Input of one program that its pipe had no room for. One owner thread. */
final class StdinQueue {
    private final StdinMemory pool;
    private final ArrayDeque<Chunk> chunks = new ArrayDeque<>(2);
    private int headOffset;
    private int tailLength;

    StdinQueue(final StdinMemory pool) {
        this.pool = pool;
    }

    boolean isEmpty() {
        return chunks.isEmpty();
    }

    /** Copies bytes behind what is queued. */
    void append(final MemorySegment source, final long offset, final int length) {
        int copied = 0;
        while (copied < length) {
            if (chunks.isEmpty() || tailLength == StdinMemory.CHUNK_LENGTH) {
                chunks.addLast(pool.take());
                tailLength = 0;
            }
            final int piece = Math.min(length - copied, StdinMemory.CHUNK_LENGTH - tailLength);
            MemorySegment.copy(source, offset + copied, chunks.getLast().memory(), tailLength, piece);
            tailLength += piece;
            copied += piece;
        }
    }

    /**
     * Writes the oldest bytes, as many as lie in one piece.
     *
     * @param posix the calls
     * @param fd a pipe
     * @return what write(2) returned: bytes written, or -errno; 0 when nothing is queued
     */
    long write(final Posix posix, final int fd) {
        if (chunks.isEmpty()) {
            return 0;
        }
        final Chunk head = chunks.getFirst();
        final int end = chunks.size() == 1 ? tailLength : StdinMemory.CHUNK_LENGTH;
        final long written = posix.write(fd, head.memory().address() + headOffset, end - headOffset);
        if (written > 0) {
            headOffset += (int) written;
            if (headOffset == end) {
                pool.giveBack(chunks.removeFirst());
                headOffset = 0;
            }
        }
        return written;
    }

    /** @return what is queued, as a queue of its own; nothing is left in this one */
    StdinQueue handOver() {
        final StdinQueue rest = new StdinQueue(pool);
        rest.chunks.addAll(chunks);
        rest.headOffset = headOffset;
        rest.tailLength = tailLength;
        chunks.clear();
        headOffset = 0;
        return rest;
    }

    /** Throws everything away. */
    void clear() {
        while (!chunks.isEmpty()) {
            pool.giveBack(chunks.removeFirst());
        }
        headOffset = 0;
    }
}
