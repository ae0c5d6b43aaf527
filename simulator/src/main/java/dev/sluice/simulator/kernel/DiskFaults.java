package dev.sluice.simulator.kernel;

/**
 * How a disk fails: each figure says in how many calls it happens once on average, 0 never.
 *
 * @param shortWrite writes that take less than they are given
 * @param refuses calls at which a time begins in which the disk is full or broken
 * @param refusesMostNs how long such a time lasts at most
 * @param slow calls that take long
 * @param slowMostNs how long they take at most
 */
public record DiskFaults(int shortWrite, int refuses, long refusesMostNs, int slow, long slowMostNs) {
    /** A disk at its best behaviour. */
    public static final DiskFaults NONE = new DiskFaults(0, 0, 0, 0, 0);

    private static final long REFUSES_LEAST_NS = 1_000_000;
    private static final long REFUSES_MOST_NS = 2_000_000_000;
    private static final long SLOW_LEAST_NS = 100_000;
    private static final long SLOW_MOST_NS = 5_000_000_000L;

    /**
     * Draws faults; each kind is absent in half of them.
     *
     * @param random source of chance
     * @return the faults
     */
    public static DiskFaults draw(final SimRandom random) {
        return new DiskFaults(
            random.chance(2) ? 0 : (int) random.spread(1, 20), random.chance(2) ? 0 : (int) random.spread(5, 200),
            random.spread(REFUSES_LEAST_NS, REFUSES_MOST_NS), random.chance(2) ? 0 : (int) random.spread(2, 100),
            random.spread(SLOW_LEAST_NS, SLOW_MOST_NS));
    }
}
