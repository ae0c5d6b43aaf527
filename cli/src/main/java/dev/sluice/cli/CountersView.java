package dev.sluice.cli;

import dev.sluice.relay.CountersSnapshot;
import dev.sluice.relay.CountersSnapshot.Reading;
import dev.sluice.relay.RelayCounter;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Shows what a counters file said, to people and to programs. */
final class CountersView {
    private final PrintWriter out;
    private final boolean withZeros;

    CountersView(final PrintWriter out, final boolean withZeros) {
        this.out = out;
        this.withZeros = withZeros;
    }

    /**
     * Prints a table.
     *
     * @param now what the file says
     * @param before what it said earlier, for rates; null for none
     * @param seconds how long ago that was
     */
    void printTable(final CountersSnapshot now, final CountersSnapshot before, final double seconds) {
        out.println(headline(now));
        final List<Reading> shown = now.readings().stream().filter(reading -> withZeros || reading.value() != 0).toList();
        final int width = shown.stream().mapToInt(reading -> reading.label().length()).max().orElse(0);
        final boolean comparable = before != null && isSameRelay(now, before);
        for (final Reading reading : shown) {
            out.printf("%-" + Math.max(1, width) + "s %20d", reading.label(), reading.value());
            if (comparable && reading.kind() == RelayCounter.Kind.COUNTER) {
                final long growth = reading.value() - before.readings().get(now.readings().indexOf(reading)).value();
                out.printf(Locale.ROOT, " %14.1f/s", growth / seconds);
            }
            if (!now.alive() && reading.kind() == RelayCounter.Kind.GAUGE) {
                // Nothing is connected to a relay that is gone.
                out.print(" (at its end)");
            }
            out.println();
        }
    }

    private static boolean isSameRelay(final CountersSnapshot now, final CountersSnapshot before) {
        return now.pid() == before.pid() && now.started().equals(before.started()) && now.readings().size() == before.readings().size();
    }

    private static String headline(final CountersSnapshot snapshot) {
        final String state;
        if (snapshot.ended() != null) {
            state = "ended " + snapshot.ended().truncatedTo(ChronoUnit.SECONDS) + ": " + snapshot.outcome();
        } else {
            state = snapshot.alive() ? "alive" : "dead, without having said how it ended";
        }
        return "relay " + snapshot.pid() + ", started " + snapshot.started().truncatedTo(ChronoUnit.SECONDS) + ", " + state;
    }

    /** Prints one JSON object, on a line of its own; it has every counter. */
    void printJson(final CountersSnapshot snapshot) {
        final String counters = snapshot.readings().stream()
            .map(reading -> JsonText.quoted(reading.metricName()) + ":" + reading.value())
            .collect(Collectors.joining(","));
        out.println("{\"pid\":" + snapshot.pid() + ",\"alive\":" + snapshot.alive()
            + ",\"started\":" + JsonText.quoted(snapshot.started().toString())
            + ",\"ended\":" + (snapshot.ended() == null ? "null" : JsonText.quoted(snapshot.ended().toString()))
            + ",\"outcome\":" + (snapshot.outcome() == null ? "null" : JsonText.quoted(snapshot.outcome()))
            + ",\"counters\":{" + counters + "}}");
    }
}
