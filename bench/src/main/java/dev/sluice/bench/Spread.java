package dev.sluice.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * What several measurements of one thing come to.
 *
 * @param median the middle one
 * @param least the least
 * @param greatest the greatest
 */
record Spread(double median, double least, double greatest) {
    /** Of at least one measurement; of an even number of them the lower of the middle two is the median. */
    static Spread of(final double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values");
        }
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Spread(percentile(sorted, 50), sorted[0], sorted[sorted.length - 1]);
    }

    /** The value that so many percent of the sorted values are not above. */
    static double percentile(final double[] sorted, final double percent) {
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100) - 1)];
    }

    String json() {
        return String.format(Locale.ROOT, "{\"median\":%.4f,\"least\":%.4f,\"greatest\":%.4f}", median, least, greatest);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.3f (%.3f - %.3f)", median, least, greatest);
    }
}
