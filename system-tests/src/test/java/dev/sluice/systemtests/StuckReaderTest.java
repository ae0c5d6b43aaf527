package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One client stops reading a flood of output. The others do not notice, and it gets every byte when it reads on. */
@TimeLimit(seconds = 180)
class StuckReaderTest {
    private static final long FLOOD_BYTES = 200_000_000;
    /** A program that floods, with an end that can be waited for. */
    private static final String[] FLOOD = {"sh", "-c", "yes | head -c " + FLOOD_BYTES};
    private static final int READ_BEFORE_BYTES = 4_000_000;
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int COMMANDS = 20;
    private static final int COPY_BLOCKS = 64 * 1024 * 1024 / (64 * 1024);
    private static final int PAIRS = 10;
    private static final int ROUND_TRIPS = 3000;

    @ParameterizedTest
    @EnumSource
    void otherClientsDoNotNoticeAndNothingIsLost(final Console console) throws Exception {
        final long seed = Seeds.next("copy");
        try (Sandbox sandbox = Sandbox.start(console);
            SandboxClient stuck = sandbox.connect();
            SandboxClient other = sandbox.connect();
            ExecSession flood = stuck.start(ExecOptions.command(FLOOD[0], FLOOD[1], FLOOD[2]).build())) {
            readThenStop(flood);
            work(other, seed);
            assertTrue(flood.exitCode().isEmpty());
            assertEquals(FLOOD_BYTES - READ_BEFORE_BYTES, countFlood(flood));
            assertEquals(0, flood.waitFor(LIMIT));
            assertFalse(flood.isOutputTruncated());
        }
    }

    /** The same with a client whose process is stopped, and whose socket therefore fills: nothing of it runs. */
    @Test
    void stoppedProcessIsNotNoticedEither() throws Exception {
        final long seed = Seeds.next("copy");
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient other = sandbox.connect()) {
            final Program stopped = sandbox.exec(FLOOD);
            Await.until(() -> "nothing comes" + sandbox.said(), LIMIT, () -> stopped.stdout().length() > READ_BEFORE_BYTES);
            stopped.signal("STOP");
            final long before = stopped.stdout().length();
            work(other, seed);
            assertTrue(stopped.stdout().length() < before + (2 << 20), "it has stopped indeed");
            stopped.signal("CONT");
            assertEquals(0, stopped.awaitExit(LIMIT), () -> stopped.stderr().text());
            assertEquals(FLOOD_BYTES, stopped.stdout().length());
        }
    }

    private static void work(final SandboxClient client, final long seed) throws Exception {
        for (int i = 0; i < COMMANDS; i++) {
            assertEquals(i + "\n", client.exec("echo", String.valueOf(i)).stdoutText());
        }
        Copying.copy(client, seed, COPY_BLOCKS);
    }

    /** Reads until windows have grown, then no more, and waits until nothing moves. */
    private static void readThenStop(final ExecSession flood) throws Exception {
        assertEquals(READ_BEFORE_BYTES, flood.stdout().readNBytes(READ_BEFORE_BYTES).length);
        final long[] last = {-1, System.nanoTime()};
        Await.until(() -> "the flood does not come to rest", LIMIT, () -> {
            if (flood.stdout().available() != last[0]) {
                last[0] = flood.stdout().available();
                last[1] = System.nanoTime();
            }
            return last[0] > 0 && System.nanoTime() - last[1] > QUIET_NANOS;
        });
    }

    private static long countFlood(final ExecSession flood) throws Exception {
        final byte[] block = new byte[1 << 16];
        long total = 0;
        for (int count = flood.stdout().read(block); count >= 0; count = flood.stdout().read(block)) {
            for (int i = 0; i < count; i++) {
                if (block[i] != ((total + i & 1) == 0 ? 'y' : '\n')) {
                    throw new AssertionError("wrong byte at " + (total + i));
                }
            }
            total += count;
        }
        return total;
    }

    /** What it costs the others, printed: each measurement with and without, in turn. */
    @Test
    @TimeLimit(seconds = 600)
    void figures() throws Exception {
        Assumptions.assumeTrue(Full.isOn(), "figures take minutes: -Dsluice.full=true");
        for (final Console console : Console.values()) {
            try (Sandbox sandbox = Sandbox.start(console); SandboxClient other = sandbox.connect()) {
                measure(other);
                final double[][] without = new double[PAIRS][];
                final double[][] with = new double[PAIRS][];
                for (int i = 0; i < PAIRS; i++) {
                    // What comes first changes from pair to pair.
                    if (i % 2 == 0) {
                        without[i] = measure(other);
                    }
                    with[i] = measureBesideStuck(sandbox, other);
                    if (i % 2 == 1) {
                        without[i] = measure(other);
                    }
                }
                final String[] what = {"copy of 64 MiB, s", "round trip p50, us", "round trip p99, us"};
                for (int i = 0; i < what.length; i++) {
                    final double alone = median(without, i);
                    final double beside = median(with, i);
                    System.out.printf(Locale.ROOT, "%s: %s: alone %.3f, beside a stuck client %.3f, ratio %.3f%n",
                        console, what[i], alone, beside, beside / alone);
                }
            }
        }
    }

    private static double[] measureBesideStuck(final Sandbox sandbox, final SandboxClient other) throws Exception {
        try (SandboxClient stuck = sandbox.connect(); ExecSession flood = stuck.start(ExecOptions.command("yes").build())) {
            readThenStop(flood);
            return measure(other);
        }
    }

    private static double median(final double[][] samples, final int column) {
        final double[] sorted = Arrays.stream(samples).mapToDouble(sample -> sample[column]).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Seconds of a copy, then the median and the 99th percentile of 64 bytes there and back, in microseconds. */
    private static double[] measure(final SandboxClient client) throws Exception {
        final long begin = System.nanoTime();
        Copying.copy(client, 1, COPY_BLOCKS);
        final double copySeconds = (System.nanoTime() - begin) / 1e9;
        final double[] micros = new double[ROUND_TRIPS];
        try (ExecSession cat = client.start(ExecOptions.command("cat").build())) {
            final byte[] message = new byte[64];
            for (int i = 0; i < ROUND_TRIPS; i++) {
                final long sent = System.nanoTime();
                cat.stdin().write(message);
                assertEquals(message.length, cat.stdout().readNBytes(message.length).length);
                micros[i] = (System.nanoTime() - sent) / 1e3;
            }
        }
        Arrays.sort(micros);
        return new double[] {copySeconds, micros[ROUND_TRIPS / 2], micros[ROUND_TRIPS * 99 / 100]};
    }
}
