package dev.sluice.simulator;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs seeds from the command line.
 *
 * <pre>
 *   --seed N        the first seed (default: the time)
 *   --seeds N       how many, one after the other (default: 1000)
 *   --transport T   unix, unix-listen or ring (default: drawn from each seed)
 *   --verbose       print everything that happens
 *   --json          print the sum of what was seen as one line of JSON
 * </pre>
 *
 * <p>The exit code is 1 if a seed failed; its number and the end of its trace are printed.
 */
public final class Main {
    private static final int SEEDS_DEFAULT = 1000;
    private static final long PROGRESS_EVERY_NS = 200_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private long first = System.currentTimeMillis();
    private int seeds = SEEDS_DEFAULT;
    private Transport transport;
    private boolean verbose;
    private boolean json;
    private final Map<String, Long> sum = new TreeMap<>();
    private long calls;
    private long virtualNs;

    private Main() {
    }

    /**
     * Runs seeds.
     *
     * @param args as described above
     * @throws IOException if no directory can be made for sockets
     */
    public static void main(final String[] args) throws IOException {
        System.exit(new Main().run(args));
    }

    private int run(final String[] args) throws IOException {
        try {
            parse(args);
        } catch (final IllegalArgumentException e) {
            System.err.println("simulator: " + e.getMessage());
            return 2;
        }
        final boolean terminal = System.console() != null && System.console().isTerminal();
        final long startNs = System.nanoTime();
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, verbose ? System.out : null)) {
            long shownNs = startNs;
            for (int i = 0; i < seeds; i++) {
                add(runner.run(Scenario.draw(first + i, transport)));
                if (terminal && System.nanoTime() - shownNs > PROGRESS_EVERY_NS) {
                    shownNs = System.nanoTime();
                    System.err.print("\r" + (i + 1) + " of " + seeds + " seeds");
                }
            }
        } catch (final SeedRunner.SeedFailure e) {
            System.err.println((terminal ? "\r" : "") + e.getMessage());
            if (verbose) {
                e.getCause().printStackTrace();
            }
            System.err.println("replay: --seed " + e.seed() + " --seeds 1" + (transport == null ? "" : " --transport " + transport.word()));
            return 1;
        }
        report((System.nanoTime() - startNs) / NANOS_PER_MILLI);
        return 0;
    }

    private void parse(final String[] args) {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--verbose" -> verbose = true;
                case "--json" -> json = true;
                case "--seed" -> first = number(args, ++i);
                case "--seeds" -> seeds = Math.toIntExact(number(args, ++i));
                case "--transport" -> transport = transport(value(args, ++i));
                default -> throw new IllegalArgumentException("option not understood: " + args[i]);
            }
        }
    }

    private static String value(final String[] args, final int index) {
        if (index == args.length) {
            throw new IllegalArgumentException("option without a value: " + args[index - 1]);
        }
        return args[index];
    }

    private static long number(final String[] args, final int index) {
        try {
            return Long.decode(value(args, index));
        } catch (final NumberFormatException e) {
            throw new IllegalArgumentException("no number: " + args[index - 1] + " " + args[index], e);
        }
    }

    private static Transport transport(final String word) {
        for (final Transport transport : Transport.values()) {
            if (transport.word().equals(word)) {
                return transport;
            }
        }
        throw new IllegalArgumentException("no transport: " + word);
    }

    private void add(final Report report) {
        calls += report.calls();
        virtualNs += report.elapsedNs();
        report.seen().forEach((what, times) -> sum.merge(what, times, Long::sum));
    }

    private void report(final long tookMillis) {
        if (json) {
            final StringBuilder line = new StringBuilder();
            line.append(String.format(Locale.ROOT, "{\"first\":%d,\"seeds\":%d,\"millis\":%d,\"calls\":%d,\"virtual_millis\":%d,\"seen\":{",
                first, seeds, tookMillis, calls, virtualNs / NANOS_PER_MILLI));
            String separator = "";
            for (final Map.Entry<String, Long> entry : sum.entrySet()) {
                line.append(separator).append('"').append(entry.getKey()).append("\":").append(entry.getValue());
                separator = ",";
            }
            System.out.println(line.append("}}"));
            return;
        }
        System.out.println("\r" + seeds + " seeds from " + first + " in " + tookMillis + " ms: " + calls + " system calls, "
            + virtualNs / NANOS_PER_MILLI + " ms of simulated time; nothing went wrong");
        sum.forEach((what, times) -> System.out.printf("%,15d  %s%n", times, what));
    }
}
