package dev.sluice.testsupport;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An endless stream of bytes in which every position can be computed: what a test sends, and compares with what arrives, without keeping
 * it. Stateless; any number of threads.
 */
public final class BytePattern {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final long MULTIPLIER = 0xBF58476D1CE4E5B9L;

    private final long seed;

    /**
     * A stream of its own for each seed.
     *
     * @param seed any number
     */
    public BytePattern(final long seed) {
        this.seed = seed;
    }

    /**
     * One byte of the stream.
     *
     * @param position in the stream, from 0
     * @return the byte
     */
    public byte at(final long position) {
        final long word = (seed + (position >>> 3)) * GOLDEN_GAMMA;
        return (byte) ((word ^ word >>> 29) * MULTIPLIER >>> ((position & 7) << 3));
    }

    /**
     * Writes a piece of the stream.
     *
     * @param memory where to
     * @param offset of the first byte in the memory
     * @param length in bytes
     * @param position of the first byte in the stream
     */
    public void fill(final MemorySegment memory, final long offset, final int length, final long position) {
        for (int i = 0; i < length; i++) {
            memory.set(ValueLayout.JAVA_BYTE, offset + i, at(position + i));
        }
    }

    /**
     * Compares memory with a piece of the stream.
     *
     * @param memory what is compared
     * @param offset of the first byte in the memory
     * @param length in bytes
     * @param position of the first byte in the stream
     * @throws AssertionError at the first byte that differs
     */
    public void check(final MemorySegment memory, final long offset, final int length, final long position) {
        for (int i = 0; i < length; i++) {
            final byte found = memory.get(ValueLayout.JAVA_BYTE, offset + i);
            if (found != at(position + i)) {
                throw new AssertionError(
                    "wrong byte at position " + (position + i) + " of the stream: " + found + " instead of " + at(position + i));
            }
        }
    }
}
