package dev.sluice.agent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.stream.Stream;

/**
 * The memory in which data of files waits for the port or for the disk, in pieces of {@link #CHUNK_LENGTH}, or of a half, a quarter and so
 * on of that for little data. Pieces that are not in use are kept for the next that is needed while there are any requests: to have memory
 * from the system costs as much as to fill it.
 *
 * <p>One owner thread, which also makes and closes it. Jobs of other threads work on a piece by its address, while it is not given back.
 */
final class FileMemory implements AutoCloseable {
    /** A few hundred microseconds of copying: enough that the calls around it do not count. */
    static final int CHUNK_LENGTH = 256 * 1024;

    /** Many small files may wait at once. */
    private static final int SHORTEST = 16 * 1024;
    /** From the shortest to the whole length, each twice the one before. */
    private static final int LENGTHS = Integer.numberOfTrailingZeros(CHUNK_LENGTH / SHORTEST) + 1;
    /** As much as eight jobs work on, of whole pieces. */
    private static final int CHUNKS_KEPT = 64;

    private final List<ArrayDeque<Chunk>> free;
    private final long limit;
    private long used;

    /** A piece of native memory. */
    record Chunk(Arena arena, MemorySegment memory) {
        /** @return bytes that fit */
        int length() {
            return (int) memory.byteSize();
        }
    }

    /**
     * No memory yet.
     *
     * @param limit bytes beyond which it is full
     */
    FileMemory(final long limit) {
        this.limit = limit;
        this.free = Stream.generate(ArrayDeque<Chunk>::new).limit(LENGTHS).toList();
    }

    /** @return whether no more should be taken */
    boolean isFull() {
        return used + CHUNK_LENGTH > limit;
    }

    /** @return whether a quarter of it holds so many bytes */
    boolean fits(final long bytes) {
        return bytes <= limit / 4;
    }

    /** Takes a whole piece, also when it is full: what has arrived has to go somewhere. */
    Chunk take() {
        return take(CHUNK_LENGTH);
    }

    /**
     * Takes a piece, also when it is full.
     *
     * @param wanted bytes that are to fit, if a whole piece holds them
     */
    Chunk take(final int wanted) {
        int index = 0;
        while (index < LENGTHS - 1 && SHORTEST << index < wanted) {
            index++;
        }
        final int length = SHORTEST << index;
        used += length;
        final Chunk kept = free.get(index).poll();
        if (kept != null) {
            return kept;
        }
        final Arena arena = Arena.ofConfined();
        return new Chunk(arena, arena.allocate(length, Long.BYTES));
    }

    void giveBack(final Chunk chunk) {
        used -= chunk.length();
        final int index = Integer.numberOfTrailingZeros(chunk.length() / SHORTEST);
        final ArrayDeque<Chunk> alike = free.get(index);
        if (alike.size() < CHUNKS_KEPT >> LENGTHS - 1 - index || alike.isEmpty()) {
            alike.add(chunk);
        } else {
            chunk.arena().close();
        }
    }

    /** @return bytes in use, counted in pieces */
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
        for (final ArrayDeque<Chunk> alike : free) {
            alike.forEach(chunk -> chunk.arena().close());
            alike.clear();
        }
    }
}
