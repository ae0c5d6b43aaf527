package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables of {@link RelayLimit}, {@link RelayCounter} and {@link RelayOutcome}, and the page that lists them. */
class ReferencePageTest {
    private static final Path PAGE = Path.of("OPTIONS.md");
    private static final String RENEW_PROPERTY = "sluice.renew";
    private static final String RENEW = "mvn -q -pl relay -am test -Dtest=ReferencePageTest -Dsurefire.failIfNoSpecifiedTests=false -D"
        + RENEW_PROPERTY;

    @Test
    void thePageIsWhatTheTablesSay() throws IOException {
        if (System.getProperty(RENEW_PROPERTY) != null) {
            Files.writeString(PAGE, page());
        }
        assertEquals(page(), Files.readString(PAGE), "relay/OPTIONS.md is out of date; renew it with\n  " + RENEW + "\n");
    }

    private static String page() {
        return """
            # Limits, exit codes and counters of the relay

            Made from `RelayLimit`, `RelayOutcome` and `RelayCounter`. Do not edit; after a change to one of them, run

                %s

            ## Limits

            Each is an option of `sluice relay` and a value of `RelayContext.limit`. BYTES may end in K, M or G (powers of 1024), TIME in
            ms, s, m or h, and is in seconds without.

            | option | default | from | to | |
            |---|---|---|---|---|
            %s

            ## Exit codes

            The outcome is what `sluice stat` shows of a relay that has ended, with `--json` as `outcome`.

            | code | outcome | the relay ended because |
            |---|---|---|
            %s
            | 125 | `FAILED` | it failed, or was called wrongly |

            ## Counters and gauges

            By these names on the metrics page (`--metrics`) and in `sluice stat --json`. Counters only grow while a relay lives; gauges go
            up and down.

            | name | kind | |
            |---|---|---|
            %s
            """.formatted(RENEW, rows(RelayLimit.values(), ReferencePageTest::row), rows(RelayOutcome.values(), ReferencePageTest::row),
            rows(RelayCounter.values(), ReferencePageTest::row));
    }

    private static <T> String rows(final T[] table, final Function<T, String> row) {
        return Arrays.stream(table).map(row).collect(Collectors.joining("\n"));
    }

    private static String row(final RelayLimit limit) {
        return "| `--" + limit.option() + " " + limit.unit() + "` | " + limit.format(limit.defaultValue()) + " | "
            + limit.format(limit.min()) + " | " + limit.format(limit.max()) + " | " + limit.description() + " |";
    }

    private static String row(final RelayOutcome outcome) {
        return "| " + outcome.exitCode() + " | `" + outcome + "` | " + outcome.description() + " |";
    }

    private static String row(final RelayCounter counter) {
        return "| `" + counter.metricName() + "` | " + counter.kind().metricType() + " | " + counter.label() + " |";
    }

    @Test
    void everyEntryOfATableIsUniqueAndFit() {
        final Set<Object> seen = new HashSet<>();
        for (final RelayCounter counter : RelayCounter.values()) {
            assertTrue(seen.add(counter.metricName()), counter.metricName());
            assertTrue(seen.add(counter.label()), counter.label());
            assertTrue(counter.metricName().matches("sluice_relay_[a-z][a-z0-9_]*"), counter.metricName());
            assertEquals(counter.kind() == RelayCounter.Kind.COUNTER, counter.metricName().endsWith("_total"), counter.metricName());
            assertTrue(counter.metricName().length() < CountersDescriptor.KEY_MAX_LENGTH, counter.metricName());
            assertTrue(counter.label().matches("[ -~&&[^\\\\|]]{1,60}"), counter.label());
        }
        for (final RelayOutcome outcome : RelayOutcome.values()) {
            assertTrue(seen.add(outcome.exitCode()), outcome.toString());
            assertTrue(outcome == RelayOutcome.STOPPED ? outcome.exitCode() == 0 : outcome.exitCode() >= 10 && outcome.exitCode() < 64,
                outcome.toString());
            assertTrue(outcome.name().length() <= CountersDescriptor.OUTCOME_MAX_LENGTH, outcome.toString());
        }
        for (final RelayLimit limit : RelayLimit.values()) {
            assertTrue(seen.add(limit.option()), limit.option());
            assertEquals(limit.defaultValue(), limit.check(limit.defaultValue()), limit.option());
            assertEquals(limit.min(), limit.parse(limit.format(limit.min())), limit.option());
            assertEquals(limit.max(), limit.parse(limit.format(limit.max())), limit.option());
        }
    }
}
