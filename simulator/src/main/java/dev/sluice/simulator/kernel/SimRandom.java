package dev.sluice.simulator.kernel;

/**
 * The one source of chance of a simulation: SplitMix64 (Steele, Lea, Flood 2014), so that a seed means the same on every JDK.
 *
 * <p>One thread.
 */
public final class SimRandom {
    private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;

    private long state;

    /**
     * Starts at a seed.
     *
     * @param seed any number
     */
    public SimRandom(final long seed) {
        this.state = seed;
    }

    /**
     * Draws 64 bits.
     *
     * @return any number
     */
    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /**
     * Scrambles a number so that neighbours have nothing in common; a bijection.
     *
     * @param value any number
     * @return the scrambled number
     */
    public static long mix(final long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }

    /**
     * Draws a number below a bound.
     *
     * @param bound at least 1
     * @return 0 to {@code bound - 1}
     */
    public int below(final int bound) {
        return (int) Long.remainderUnsigned(nextLong() >>> 1, bound);
    }

    /**
     * Draws a number from a range.
     *
     * @param least the smallest result
     * @param most the largest result
     * @return {@code least} to {@code most}
     */
    public int between(final int least, final int most) {
        return least + below(most - least + 1);
    }

    /**
     * Draws a number from a range in such a way that small ones are as likely as large ones: its order of magnitude is uniform.
     *
     * @param least the smallest result, at least 1
     * @param most the largest result
     * @return {@code least} to {@code most}
     */
    public long spread(final long least, final long most) {
        final double fraction = (nextLong() >>> 11) * 0x1.0p-53;
        return Math.min(most, (long) (least * Math.pow((double) (most + 1) / least, fraction)));
    }

    /**
     * Decides.
     *
     * @param oneIn how many draws there are to one that is true, on average; 0 for never
     * @return whether it happens
     */
    public boolean chance(final int oneIn) {
        return oneIn > 0 && below(oneIn) == 0;
    }

    /**
     * Picks one of the values given.
     *
     * @param values what there is, at least one
     * @return one of them
     */
    public int pick(final int... values) {
        return values[below(values.length)];
    }

    /**
     * Makes another source that shares nothing with this one but its seed.
     *
     * @return the new source
     */
    public SimRandom split() {
        return new SimRandom(nextLong());
    }
}
