package dev.sluice.simulator;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs seeds from the command line.
 *
 * <pre>
 *   --seed N        the first seed (default: the time)
 *   --seeds N       how many (default: 1000)
 *   --jobs N        run by so many threads; the outcome is the same (default: 1)
 *   --failures N    go on until so many seeds have failed (default: 1)
 *   --transport T   unix, unix-listen or ring (default: drawn from each seed)
 *   --verbose       print everything that happens
 *   --json          print the sum of what was seen as one line of JSON
 * </pre>
 *
 * <p>The exit code is 1 if a seed failed; the lowest that did are printed, with the ends of their traces and how to replay them.
 */
public final class Main {
    private static final int SEEDS_DEFAULT = 1000;
    private static final long PROGRESS_EVERY_MS = 200;
    private static final int JOBS_MOST = 256;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private long first = System.currentTimeMillis();
    private int seeds = SEEDS_DEFAULT;
    private Transport transport;
    private boolean verbose;
    private boolean json;
    private int jobs = 1;
    private int failures = 1;

    private Main() {
    }

    /**
     * Runs seeds.
     *
     * @param args as described above
     * @throws InterruptedException if somebody interrupts the main thread
     */
    public static void main(final String[] args) throws InterruptedException {
        System.exit(new Main().run(args));
    }

    private int run(final String[] args) throws InterruptedException {
        try {
            parse(args);
        } catch (final IllegalArgumentException e) {
            System.err.println("simulator: " + e.getMessage());
            return 2;
        }
        final boolean terminal = System.console() != null && System.console().isTerminal();
        final long startNs = System.nanoTime();
        final SeedPool pool = new SeedPool(first, seeds, transport, failures, verbose ? System.out : null);
        final List<SeedRunner.SeedFailure> failed =
            pool.run(jobs, terminal ? () -> showProgress(pool, startNs) : () -> { }, PROGRESS_EVERY_MS);
        for (final SeedRunner.SeedFailure failure : failed) {
            System.err.println((terminal ? "\r" : "") + failure.getMessage());
            if (verbose) {
                failure.getCause().printStackTrace();
            }
            System.err.println("replay: --seed " + failure.seed() + " --seeds 1 --verbose"
                + (transport == null ? "" : " --transport " + transport.word()));
        }
        if (!failed.isEmpty()) {
            System.err.println(pool.finished() + " seeds went well");
            return 1;
        }
        report(pool, (System.nanoTime() - startNs) / NANOS_PER_MILLI);
        return 0;
    }

    private void showProgress(final SeedPool pool, final long startNs) {
        final int finished = pool.finished();
        final long perSecond = finished * 1000L * NANOS_PER_MILLI / Math.max(1, System.nanoTime() - startNs);
        System.err.print("\r" + finished + " of " + seeds + " seeds, " + perSecond + " a second ");
    }

    private void parse(final String[] args) {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--verbose" -> verbose = true;
                case "--json" -> json = true;
                case "--seed" -> first = number(args, ++i);
                case "--seeds" -> seeds = Math.toIntExact(number(args, ++i));
                case "--jobs" -> jobs = Math.toIntExact(number(args, ++i));
                case "--failures" -> failures = Math.toIntExact(number(args, ++i));
                case "--transport" -> transport = transport(value(args, ++i));
                default -> throw new IllegalArgumentException("option not understood: " + args[i]);
            }
        }
        if (failures < 1) {
            throw new IllegalArgumentException("--failures is at least 1: " + failures);
        }
        if (jobs < 1 || jobs > JOBS_MOST || verbose && jobs > 1) {
            throw new IllegalArgumentException("--jobs is 1 to " + JOBS_MOST + ", and 1 with --verbose: " + jobs);
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

    private void report(final SeedPool pool, final long tookMillis) {
        if (json) {
            final StringBuilder line = new StringBuilder();
            line.append(String.format(Locale.ROOT, "{\"first\":%d,\"seeds\":%d,\"millis\":%d,\"calls\":%d,\"virtual_millis\":%d,\"seen\":{",
                first, seeds, tookMillis, pool.calls(), pool.virtualNs() / NANOS_PER_MILLI));
            String separator = "";
            for (final Map.Entry<String, Long> entry : pool.seen().entrySet()) {
                line.append(separator).append('"').append(entry.getKey()).append("\":").append(entry.getValue());
                separator = ",";
            }
            System.out.println(line.append("}}"));
            return;
        }
        System.out.println("\r" + seeds + " seeds from " + first + " in " + tookMillis + " ms: " + pool.calls() + " system calls, "
            + pool.virtualNs() / NANOS_PER_MILLI + " ms of simulated time; nothing went wrong");
        pool.seen().forEach((what, times) -> System.out.printf("%,15d  %s%n", times, what));
    }
}
