package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * One relay for a long time, sixteen clients that do all sorts of things, and a guest that is killed, stopped and started again: in the end
 * the relay holds what it held in the beginning. {@code -Dsluice.soak.minutes=60} says for how long; without it, seconds.
 */
@TimeLimit(seconds = 2 * 60 * 60)
class SoakTest {
    private static final int CLIENTS = 16;
    private static final long MINUTES = Long.getLong("sluice.soak.minutes", 0);
    private static final Duration DURATION = MINUTES > 0 ? Duration.ofMinutes(MINUTES) : Duration.ofSeconds(15);
    private static final Duration WARM_UP = MINUTES > 0 ? Duration.ofMinutes(1) : Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int COPY_BLOCKS = 8;
    private static final long REPORT_NANOS = TimeUnit.MINUTES.toNanos(5);
    /** What a JVM's collector and compiler may come to need between two looks. */
    private static final long MEMORY_SLACK_KIB = 32 * 1024;

    /** Grows when one begins and when it is over: odd while the guest is not to be relied on. */
    private final AtomicInteger disturbances = new AtomicInteger();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong excused = new AtomicLong();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    /** Clients hold it for reading while they do something, a disturbance for writing when it must not meet any. */
    private final ReadWriteLock rest = new ReentrantReadWriteLock(true);
    private volatile boolean over;

    /** What the relay process holds. */
    private record Held(ProcessUsage usage, long threads, long residentKib) {
        static Held of(final Program relay) throws Exception {
            final ProcessUsage usage = ProcessUsage.settled(relay, LIMIT);
            return new Held(usage, threads(relay), residentKib(relay));
        }

        /** Without the compiler's, which come and go as there is something to compile. */
        private static long threads(final Program relay) throws IOException {
            try (Stream<Path> tasks = Files.list(Path.of("/proc", String.valueOf(relay.pid()), "task"))) {
                return tasks.filter(task -> !nameOf(task).matches("C[12] .*\\s")).count();
            }
        }

        private static String nameOf(final Path task) {
            try {
                return Files.readString(task.resolve("comm"));
            } catch (final IOException e) {
                // It has ended since.
                return "";
            }
        }

        private static long residentKib(final Program relay) throws IOException {
            return Files.readAllLines(Path.of("/proc", String.valueOf(relay.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElseThrow();
        }
    }

    @Test
    void theRelayHoldsInTheEndWhatItHeldInTheBeginning() throws Exception {
        final long seed = Seeds.next("soak");
        try (Sandbox sandbox = Sandbox.start(Console.RING)) {
            sandbox.connect().close();
            run(sandbox, new Random(seed), WARM_UP);
            final Held before = held(sandbox);
            run(sandbox, new Random(seed + 1), DURATION);
            final Held after = held(sandbox);
            System.out.printf(Locale.ROOT, "soak of %d s: %d things done, %d excused by %d deaths of the guest; relay before %s%n"
                + "after %s%n", DURATION.toSeconds(), done.get(), excused.get(), disturbances.get() / 2, before, after);
            assertEquals(before.usage(), after.usage());
            assertTrue(after.threads() <= before.threads(), () -> before + " " + after);
            assertTrue(after.residentKib() <= before.residentKib() + MEMORY_SLACK_KIB, () -> before + " " + after);
        }
    }

    /** Nobody is connected, and the relay has come to rest. */
    private static Held held(final Sandbox sandbox) throws Exception {
        try (SandboxClient client = sandbox.connect()) {
            assertEquals("here\n", client.exec("echo", "here").stdoutText());
        }
        return Held.of(sandbox.relay());
    }

    private void run(final Sandbox sandbox, final Random random, final Duration duration) throws Exception {
        over = false;
        final List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            final Random own = new Random(random.nextLong());
            threads.add(Thread.ofPlatform().name("soak-client-" + i).start(() -> beClient(sandbox, own)));
        }
        final long end = System.nanoTime() + duration.toNanos();
        long nextReport = System.nanoTime() + REPORT_NANOS;
        try {
            while (System.nanoTime() < end && failures.isEmpty()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500 + random.nextInt(4000)));
                disturb(sandbox, random);
                if (System.nanoTime() >= nextReport) {
                    nextReport += REPORT_NANOS;
                    System.err.println(
                        "soak: " + done + " things done, " + excused + " excused, " + disturbances.get() / 2 + " deaths of the guest");
                }
            }
        } finally {
            over = true;
            for (final Thread thread : threads) {
                thread.join(LIMIT);
            }
        }
        final Throwable failure = failures.poll();
        if (failure != null) {
            throw new AssertionError(sandbox.said(), failure);
        }
    }

    private void disturb(final Sandbox sandbox, final Random random) throws Exception {
        switch (random.nextInt(3)) {
            case 0 -> {
                disturbances.incrementAndGet();
                sandbox.agent().kill();
                sandbox.startAgent();
                // Whoever begins after this finds the new one.
                rest.writeLock().lock();
                try {
                    sandbox.connect().close();
                    disturbances.incrementAndGet();
                } finally {
                    rest.writeLock().unlock();
                }
            }
            case 1 -> {
                sandbox.agent().signal("STOP");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(1500)));
                sandbox.agent().signal("CONT");
            }
            default -> {
                try (Wire garbage = Wire.connect(sandbox.socket(), LIMIT)) {
                    final byte[] bytes = new byte[random.nextInt(1, 5000)];
                    random.nextBytes(bytes);
                    garbage.write(bytes);
                } catch (final IOException e) {
                    // The relay closes it as soon as it has seen enough.
                    done.incrementAndGet();
                }
            }
        }
    }

    private void beClient(final Sandbox sandbox, final Random random) {
        while (!over) {
            final int before = disturbances.get();
            rest.readLock().lock();
            try {
                act(sandbox, random);
                done.incrementAndGet();
            } catch (final Exception | AssertionError e) {
                // A guest that dies takes what goes on with it; nothing else may.
                if (disturbances.get() == before && before % 2 == 0) {
                    failures.add(e);
                    return;
                }
                excused.incrementAndGet();
            } finally {
                rest.readLock().unlock();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(200)));
        }
    }

    private static void act(final Sandbox sandbox, final Random random) throws Exception {
        try (SandboxClient client = SandboxClient.connect(sandbox.socket(), LIMIT)) {
            switch (random.nextInt(6)) {
                case 0 -> {
                    for (int i = 0; i < 5; i++) {
                        final String text = Long.toHexString(random.nextLong());
                        assertEquals(text + "\n", client.exec("echo", text).stdoutText());
                    }
                }
                case 1 -> Copying.copy(client, random.nextLong(), COPY_BLOCKS);
                case 2 -> client.start(ExecOptions.command("yes").build()).stdout().readNBytes(random.nextInt(100_000));
                case 3 -> stopReadingForAWhile(client, random);
                case 4 -> {
                    for (int i = 0; i < 5; i++) {
                        client.start(ExecOptions.command("sleep", "1000").build());
                    }
                }
                default -> assertEquals(3, client.exec("sh", "-c", "exit 3").exitCode());
            }
        }
    }

    private static void stopReadingForAWhile(final SandboxClient client, final Random random) throws Exception {
        final int bytes = random.nextInt(1, 3_000_000);
        try (ExecSession flood = client.start(ExecOptions.command("sh", "-c", "yes | head -c " + bytes).build())) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(500)));
            final byte[] all = flood.stdout().readAllBytes();
            final byte[] expected = new byte[bytes];
            for (int i = 0; i < bytes; i++) {
                expected[i] = (byte) (i % 2 == 0 ? 'y' : '\n');
            }
            assertArrayEquals(expected, all);
        }
    }
}
