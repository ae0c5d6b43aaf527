package dev.sluice.bench;

import dev.sluice.client.SandboxClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Short programs in a sandbox, many at a time, beside as many that {@link ProcessBuilder} starts, in turns; and what the agent holds before
 * and after. {@code bench/compare execs} starts it: {@code SOCKET AGENT-PID COUNT CONCURRENCY text|json}.
 */
public final class ExecComparison {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int ROUNDS = 10;
    private static final int WARM_UP = 500;
    private static final int TAIL_PERCENT = 99;
    private static final int HALF_PERCENT = 50;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String PROGRAM = "true";

    private final SandboxClient client;
    private final ExecutorService threads;
    private final int concurrency;

    private ExecComparison(final SandboxClient client, final ExecutorService threads, final int concurrency) {
        this.client = client;
        this.threads = threads;
        this.concurrency = concurrency;
    }

    /** Starts a program and waits for its end. */
    @FunctionalInterface
    private interface Starter {
        int run() throws Exception;
    }

    /** All times of one kind of start, in ms, and the rate of each round, in programs a second. */
    private static final class Times {
        private final List<Double> each = new ArrayList<>();
        private final double[] rates = new double[ROUNDS];
    }

    /**
     * Measures and prints.
     *
     * @param arguments as above
     * @throws Exception when a program cannot be started, or the agent holds more than before
     */
    public static void main(final String[] arguments) throws Exception {
        final int concurrency = Integer.parseInt(arguments[3]);
        try (SandboxClient client = SandboxClient.connect(Path.of(arguments[0]), LIMIT);
            ExecutorService threads = Executors.newFixedThreadPool(concurrency)) {
            new ExecComparison(client, threads, concurrency)
                .compare(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]), "json".equals(arguments[4]));
        }
    }

    private void compare(final long agent, final int count, final boolean json) throws Exception {
        final Times sandboxed = new Times();
        final Times direct = new Times();
        run(this::inSandbox, WARM_UP, new Times(), 0);
        run(ExecComparison::directly, WARM_UP, new Times(), 0);
        final AgentHoldings before = AgentHoldings.settled(agent);
        for (int round = 0; round < ROUNDS; round++) {
            run(this::inSandbox, count / ROUNDS, sandboxed, round);
            run(ExecComparison::directly, count / ROUNDS, direct, round);
        }
        final AgentHoldings after = AgentHoldings.settled(agent);
        final ComparisonReport report = new ComparisonReport();
        add(report, "sandbox", sandboxed);
        add(report, "ProcessBuilder", direct);
        final double[] ratios = new double[ROUNDS];
        Arrays.setAll(ratios, round -> sandboxed.rates[round] / direct.rates[round]);
        report.add("of the rate of ProcessBuilder", Spread.of(ratios), "");
        report.add("programs", sandboxed.each.size());
        report.add("at a time", concurrency);
        report.add("zombies before", before.zombies());
        report.add("zombies after", after.zombies());
        report.add("descriptors before", before.descriptors());
        report.add("descriptors after", after.descriptors());
        report.add("cgroups before", before.cgroups());
        report.add("cgroups after", after.cgroups());
        report.print(json);
        if (!after.equals(before)) {
            throw new IOException("the agent holds other things than before: " + before + ", " + after);
        }
    }

    private static void add(final ComparisonReport report, final String who, final Times times) {
        final double[] sorted = times.each.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        report.add(who + ", median", one(Spread.percentile(sorted, HALF_PERCENT)), "ms");
        report.add(who + ", p99", one(Spread.percentile(sorted, TAIL_PERCENT)), "ms");
        report.add(who + ", rate", Spread.of(times.rates), "programs/s");
    }

    private static Spread one(final double value) {
        return new Spread(value, value, value);
    }

    private int inSandbox() throws Exception {
        return client.exec(PROGRAM).exitCode();
    }

    private static int directly() throws Exception {
        final Process process = new ProcessBuilder(PROGRAM).start();
        final int code = process.waitFor();
        process.getInputStream().close();
        process.getErrorStream().close();
        process.getOutputStream().close();
        return code;
    }

    private void run(final Starter starter, final int count, final Times times, final int round) throws Exception {
        final AtomicInteger left = new AtomicInteger(count);
        final List<Future<List<Double>>> parts = new ArrayList<>();
        final long begin = System.nanoTime();
        for (int i = 0; i < concurrency; i++) {
            parts.add(threads.submit(() -> runSome(starter, left)));
        }
        for (final Future<List<Double>> part : parts) {
            times.each.addAll(part.get());
        }
        times.rates[round] = count / ((System.nanoTime() - begin) / NANOS_PER_SECOND);
    }

    private static List<Double> runSome(final Starter starter, final AtomicInteger left) throws Exception {
        final List<Double> times = new ArrayList<>();
        while (left.getAndDecrement() > 0) {
            final long begin = System.nanoTime();
            final int code = starter.run();
            times.add((System.nanoTime() - begin) / NANOS_PER_MILLI);
            if (code != 0) {
                throw new IOException(PROGRAM + ": exit code " + code);
            }
        }
        return times;
    }
}
