package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Fifteen clients that read, and one that has stopped. The figures are printed; what is asserted is who is still there. */
@TimeLimit(seconds = 600)
class IsolationTest {
    private static final int HEALTHY = 15;
    private static final int MESSAGE_BYTES = 4096;
    private static final int PAIRS = Full.isOn() ? 10 : 1;
    private static final long MEASURED_NANOS = TimeUnit.MILLISECONDS.toNanos(Full.isOn() ? 3000 : 300);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long FLOOD_BYTES = 100_000_000;
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final String HEAD_OF_LINE = "evicted";

    /** What a round of all healthy clients came to. */
    private record Round(double roundTripsPerSecond, double p50Micros, double p99Micros) {
    }

    /** With windows, the stuck client keeps its place and gets every byte in the end. */
    @Test
    void b3_nobodyNoticesAStuckClientWithWindows() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING);
            ExecutorService threads = Executors.newFixedThreadPool(HEALTHY)) {
            final List<SandboxClient> healthy = new ArrayList<>();
            final List<Round> alone = new ArrayList<>();
            final List<Round> beside = new ArrayList<>();
            try (SandboxClient stuck = sandbox.connect()) {
                for (int i = 0; i < HEALTHY; i++) {
                    healthy.add(sandbox.connect());
                }
                measure(healthy, threads);
                for (int i = 0; i < PAIRS; i++) {
                    alone.add(measure(healthy, threads));
                    try (ExecSession flood = stuck.start(ExecOptions.command("sh", "-c", "yes | head -c " + FLOOD_BYTES).build())) {
                        assertEquals(MESSAGE_BYTES, flood.stdout().readNBytes(MESSAGE_BYTES).length);
                        beside.add(measure(healthy, threads));
                        assertTrue(flood.exitCode().isEmpty());
                        assertEquals(FLOOD_BYTES - MESSAGE_BYTES, count(flood));
                        assertEquals(0, flood.waitFor(LIMIT));
                    }
                }
            } finally {
                for (final SandboxClient client : healthy) {
                    client.close();
                }
            }
            assertFalse(sandbox.relay().stderr().text().contains(HEAD_OF_LINE), sandbox::said);
            print("windows", alone, beside);
        }
    }

    private static long count(final ExecSession flood) throws IOException {
        final byte[] block = new byte[BLOCK_BYTES];
        long total = 0;
        for (int got = flood.stdout().read(block); got >= 0; got = flood.stdout().read(block)) {
            total += got;
        }
        return total;
    }

    private static Round measure(final List<SandboxClient> clients, final ExecutorService threads) throws Exception {
        final CyclicBarrier start = new CyclicBarrier(clients.size());
        final List<Future<double[]>> results = new ArrayList<>();
        for (final SandboxClient client : clients) {
            results.add(threads.submit(() -> roundTrips(client, start)));
        }
        final List<double[]> micros = new ArrayList<>();
        for (final Future<double[]> result : results) {
            micros.add(result.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
        }
        final double[] all = micros.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
        return new Round(all.length / (MEASURED_NANOS / 1e9), all[all.length / 2], all[(int) (all.length * 0.99)]);
    }

    private static double[] roundTrips(final SandboxClient client, final CyclicBarrier start) throws Exception {
        final List<Double> micros = new ArrayList<>();
        try (ExecSession cat = client.start(ExecOptions.command("cat").build())) {
            final byte[] message = new byte[MESSAGE_BYTES];
            start.await();
            final long begin = System.nanoTime();
            for (long now = begin; now - begin < MEASURED_NANOS;) {
                cat.stdin().write(message);
                assertEquals(message.length, cat.stdout().readNBytes(message.length).length);
                final long done = System.nanoTime();
                micros.add((done - now) / 1e3);
                now = done;
            }
            cat.stdin().close();
            assertEquals(0, cat.waitFor(LIMIT));
        }
        return micros.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static void print(final String what, final List<Round> alone, final List<Round> beside) {
        final double[] throughput = ratios(alone, beside, true);
        final double[] tail = ratios(alone, beside, false);
        System.out.printf(Locale.ROOT, "%s, %d pairs: 15 clients alone %.0f round trips/s, p99 %.0f us; "
                + "beside a stuck one: throughput x %.3f (%.3f - %.3f), p99 x %.3f (%.3f - %.3f)%n", what, alone.size(),
            alone.get(alone.size() / 2).roundTripsPerSecond(), alone.get(alone.size() / 2).p99Micros(),
            median(throughput), throughput[0], throughput[throughput.length - 1], median(tail), tail[0], tail[tail.length - 1]);
    }

    private static double[] ratios(final List<Round> alone, final List<Round> beside, final boolean ofThroughput) {
        final double[] ratios = new double[alone.size()];
        Arrays.setAll(ratios, i -> ofThroughput
            ? beside.get(i).roundTripsPerSecond() / alone.get(i).roundTripsPerSecond()
            : beside.get(i).p99Micros() / alone.get(i).p99Micros());
        Arrays.sort(ratios);
        return ratios;
    }

    private static double median(final double[] sorted) {
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Without windows, the stuck client is evicted after its time, and the others go on without a byte missing. */
    @Test
    void b3_aStuckForeignClientIsEvictedAndTheOthersGoOn() throws Exception {
        try (Workspace workspace = new Workspace()) {
            Sluice.assumeBuilt();
            final LoadTools tools = LoadTools.compile(workspace);
            final Path console = workspace.path("console");
            final Path socket = workspace.path("agent.sock");
            tools.startGuest(console);
            final Program relay = workspace.sluice("relay", "--guest", "unix:" + console, "--listen", socket.toString());
            Wire.connect(socket, LIMIT).close();
            final String seconds = Full.isOn() ? "3" : "0.5";
            for (int i = 0; i < PAIRS; i++) {
                final String alone = load(tools, socket, seconds);
                final String beside;
                try (Wire stuck = Wire.connect(socket, LIMIT); ExecutorService threads = Executors.newSingleThreadExecutor()) {
                    final Future<?> flood = threads.submit(() -> floodUntilEvicted(stuck));
                    beside = load(tools, socket, seconds);
                    flood.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                }
                System.out.println("foreign, alone:  " + alone);
                System.out.println("foreign, beside: " + beside);
            }
            final long evictions = relay.stderr().text().lines().filter(line -> line.contains(HEAD_OF_LINE)).count();
            assertTrue(evictions >= 1 && evictions <= PAIRS, relay.stderr()::text);
        }
    }

    private static String load(final LoadTools tools, final Path socket, final String seconds) throws Exception {
        return tools.run(socket, LIMIT,
            "-m", "ping", "-c", "-s", "4096", "-n", String.valueOf(HEALTHY), "-W", "0.2", "-t", seconds, "-r", "1");
    }

    /** Sends what the guest echoes, and never reads: its end is that its connection is closed. */
    private static void floodUntilEvicted(final Wire stuck) {
        final byte[] frame = Wire.frame(stuck.id(1), new byte[BLOCK_BYTES]);
        try {
            while (true) {
                stuck.write(frame);
            }
        } catch (final IOException e) {
            // What was waited for.
        }
    }
}
