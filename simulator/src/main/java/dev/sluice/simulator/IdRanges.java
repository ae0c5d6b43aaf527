package dev.sluice.simulator;

/** The grid of correlation ids, from the specification: range n is ids n*33554431+1 to n*33554431+33554430. */
final class IdRanges {
    static final int COUNT = 128;
    static final int STEP = 33_554_431;
    static final int NOBODY = -1;

    private IdRanges() {
    }

    static int of(final int id) {
        final long unsigned = Integer.toUnsignedLong(id);
        final long range = unsigned / STEP;
        return unsigned % STEP == 0 || range >= COUNT ? NOBODY : (int) range;
    }

    /** @return the id so many behind the range's offset; 1 is the first */
    static int id(final int range, final int number) {
        return range * STEP + number;
    }
}
