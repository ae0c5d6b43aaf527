package dev.sluice.agent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * The memory in which data of files waits for the port or for the disk, in pieces of {@link #CHUNK_LENGTH}. Pieces that are not in
 * use are kept for the next that is needed while there are any requests: to have memory from the system costs as much as to fill it.
 *
 * <p>One owner thread, which also makes and closes it. Jobs of other threads work on a piece by its address, while it is not given back.
 */
final class FileMemory implements AutoCloseable {
    /** A few hundred microseconds of copying: enough that the calls around it do not count. */
    static final int CHUNK_LENGTH = 256 * 1024;

    /** As much as eight jobs work on. */
    private static final int CHUNKS_KEPT = 64;

    private final ArrayDeque<Chunk> free = new ArrayDeque<>();
    private final long limit;
    private long used;

    /** A piece of native memory. */
    record Chunk(Arena arena, MemorySegment memory) {
    }

    /**
     * No memory yet.
     *
     * @param limit bytes beyond which it is full
     */
    FileMemory(final long limit) {
        this.limit = limit;
    }

    /** @return whether no more should be taken */
    boolean isFull() {
        return used + CHUNK_LENGTH > limit;
    }

    /** @return whether half of it holds so many bytes */
    boolean fits(final long bytes) {
        return bytes <= limit / 2;
    }

    /** Takes a piece, also when it is full: what has arrived has to go somewhere. */
    Chunk take() {
        used += CHUNK_LENGTH;
        final Chunk kept = free.poll();
        if (kept != null) {
            return kept;
        }
        final Arena arena = Arena.ofConfined();
        return new Chunk(arena, arena.allocate(CHUNK_LENGTH, Long.BYTES));
    }

    void giveBack(final Chunk chunk) {
        used -= CHUNK_LENGTH;
        if (free.size() < CHUNKS_KEPT) {
            free.add(chunk);
        } else {
            chunk.arena().close();
        }
    }

    /** @return bytes in use, counted in whole pieces */
    long usedBytes() {
        return used;
    }

    /** Gives up the pieces kept. Those in use belong to jobs that hang, and stay. */
    @Override
    public void close() {
        trim();
    }

    /** Gives back to the system what is not in use. */
    void trim() {
        free.forEach(chunk -> chunk.arena().close());
        free.clear();
    }
}
