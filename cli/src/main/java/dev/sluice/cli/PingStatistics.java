package dev.sluice.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What became of questions. */
final class PingStatistics {
    private long asked;
    private long answered;
    private long totalNs;
    private long leastNs = Long.MAX_VALUE;
    private long mostNs;

    void onAnswer(final Duration took) {
        asked++;
        answered++;
        totalNs += took.toNanos();
        leastNs = Math.min(leastNs, took.toNanos());
        mostNs = Math.max(mostNs, took.toNanos());
    }

    void onNone() {
        asked++;
    }

    long asked() {
        return asked;
    }

    long answered() {
        return answered;
    }

    String toText() {
        final String counts = asked + " asked, " + answered + " answered";
        return answered == 0 ? counts : String.format(Locale.ROOT, "%s, least/mean/most %.3f/%.3f/%.3f ms",
            counts, millis(leastNs), millis(totalNs / answered), millis(mostNs));
    }

    String toJson() {
        final String counts = "{\"asked\":" + asked + ",\"answered\":" + answered;
        return answered == 0 ? counts + "}" : String.format(Locale.ROOT, "%s,\"min_ms\":%.3f,\"mean_ms\":%.3f,\"max_ms\":%.3f}",
            counts, millis(leastNs), millis(totalNs / answered), millis(mostNs));
    }

    static double millis(final Duration time) {
        return millis(time.toNanos());
    }

    private static double millis(final long nanos) {
        return (double) nanos / TimeUnit.MILLISECONDS.toNanos(1);
    }
}
