package dev.sluice.relay;

import java.time.Instant;
import java.util.List;

/**
 * What a counters file said at one moment.
 *
 * @param pid process id of the relay, as its own namespace has it
 * @param alive whether the relay lives: it holds the lock on its file until it ends, however it ends
 * @param started when the relay started
 * @param ended when it ended, or null if it has not, or died without a word
 * @param outcome how it ended: the name of a {@link RelayOutcome}, or FAILED; null if it has not, or died without a word
 * @param readings the counters, in the file's order
 */
public record CountersSnapshot(long pid, boolean alive, Instant started, Instant ended, String outcome, List<Reading> readings) {
    /**
     * Makes a snapshot.
     *
     * @param pid process id of the relay
     * @param alive whether it lives
     * @param started when it started
     * @param ended when it ended, or null
     * @param outcome how it ended, or null
     * @param readings the counters; copied
     */
    public CountersSnapshot {
        readings = List.copyOf(readings);
    }

    /**
     * One counter.
     *
     * @param kind whether it counts or measures
     * @param metricName its name on the metrics page
     * @param label what it counts, in words; printable ASCII
     * @param value what it stood at
     */
    public record Reading(RelayCounter.Kind kind, String metricName, String label, long value) {
    }
}
