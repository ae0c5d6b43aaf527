package dev.sluice.protocol;

/**
 * Correlation ids that belong to one client.
 *
 * @param start        the first id, an unsigned 32-bit number as a long; never 0, which is the control id
 * @param endExclusive the first id behind the range, likewise
 */
public record IdRange(long start, long endExclusive) {
    private static final long MAX_ID = 0xFFFFFFFFL;

    /**
     * A range.
     *
     * @throws IllegalArgumentException when it is empty, starts at 0 or goes beyond 32 bits
     */
    public IdRange {
        if (start < 1 || endExclusive <= start || endExclusive > MAX_ID) {
            throw new IllegalArgumentException("id range: start=" + start + " endExclusive=" + endExclusive);
        }
    }

    /**
     * Tells whether an id belongs to the range.
     *
     * @param id a correlation id, unsigned
     * @return true when it does
     */
    public boolean contains(final int id) {
        final long unsigned = Integer.toUnsignedLong(id);
        return unsigned >= start && unsigned < endExclusive;
    }

    /**
     * How many ids there are.
     *
     * @return the number, at least 1
     */
    public long size() {
        return endExclusive - start;
    }
}
