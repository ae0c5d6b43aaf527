package dev.sluice.agent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * The memory in which input waits for programs to read it, in pieces of {@link #CHUNK_LENGTH}. Some pieces that are not in use are kept for
 * the next that is needed, the others given back to the system.
 *
 * <p>One owner thread, which also makes and closes it.
 */
final class StdinMemory implements AutoCloseable {
    /** Half a pipe: a queue that is drained steadily needs two. */
    static final int CHUNK_LENGTH = 32 * 1024;

    private static final int CHUNKS_KEPT = 64;

    private final ArrayDeque<Chunk> free = new ArrayDeque<>(CHUNKS_KEPT);
    private int used;

    /** A piece of native memory. */
    record Chunk(Arena arena, MemorySegment memory) {
    }

    Chunk take() {
        used++;
        final Chunk kept = free.poll();
        if (kept != null) {
            return kept;
        }
        final Arena arena = Arena.ofConfined();
        return new Chunk(arena, arena.allocate(CHUNK_LENGTH));
    }

    void giveBack(final Chunk chunk) {
        used--;
        if (free.size() < CHUNKS_KEPT) {
            free.add(chunk);
        } else {
            chunk.arena().close();
        }
    }

    /** @return bytes in use, counted in whole pieces */
    long usedBytes() {
        return (long) used * CHUNK_LENGTH;
    }

    /** Gives up the pieces kept. Those in use have to be given back first. */
    @Override
    public void close() {
        if (used != 0) {
            throw new IllegalStateException("input memory closed while in use: chunks=" + used);
        }
        free.forEach(chunk -> chunk.arena().close());
        free.clear();
    }
}
