package dev.sluice.protocol;

/**
 * How the correlation ids are divided among clients: {@link #RANGE_COUNT} ranges of the same size, for both forms of the handshake.
 *
 * <pre>
 *   0        control
 *   n * RANGE_STEP + 1  ..  n * RANGE_STEP + RANGE_STEP - 1      range n, 0 &lt;= n &lt; RANGE_COUNT
 *   (n + 1) * RANGE_STEP                                         nobody's: between two ranges, and behind the last
 * </pre>
 *
 * <p>Source: relay protocol, section 1.5, the grid of the 8-byte form. Agents group file handles by the same bands, whatever ranges a relay
 * hands out.
 */
public final class IdGrid {
    /** Number of ranges. */
    public static final int RANGE_COUNT = 128;
    /** Distance of the starts of neighbouring ranges; a range has one id less. */
    public static final int RANGE_STEP = 33_554_431;
    /** The id of messages that belong to no session. */
    public static final int CONTROL_ID = 0;

    private IdGrid() {
    }

    /**
     * A range by its number.
     *
     * @param index its number, 0 to {@link #RANGE_COUNT} - 1
     * @return the range
     * @throws IllegalArgumentException when there is no such range
     */
    public static IdRange range(final int index) {
        if (index < 0 || index >= RANGE_COUNT) {
            throw new IllegalArgumentException("range: index=" + index);
        }
        final long offset = (long) index * RANGE_STEP;
        return new IdRange(offset + 1, offset + RANGE_STEP);
    }

    /**
     * Number of the range an id belongs to. No allocation.
     *
     * @param id a correlation id, unsigned
     * @return 0 to {@link #RANGE_COUNT} - 1, or -1 when the id is nobody's
     */
    public static int indexOf(final int id) {
        final long unsigned = Integer.toUnsignedLong(id);
        final int index = (int) (unsigned / RANGE_STEP);
        return index >= RANGE_COUNT || unsigned == (long) index * RANGE_STEP ? -1 : index;
    }
}
