package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.relay.CountersFileReader;
import dev.sluice.relay.CountersSnapshot;
import dev.sluice.relay.RelayCounter;
import dev.sluice.ring.RingDescriptor;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Guests that overwrite the memory they share with a relay process while clients use it. Each time the next guest is served. */
@TimeLimit(seconds = 300)
class HostileRingTest {
    private static final int ROUNDS = Full.isOn() ? 400 : 40;
    private static final int CLIENTS = 3;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long HOSTILE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    /** What a guest does to its memory, over and over. */
    private enum Attack {
        INDICES, RECORDS, WAIT_WORDS, SINGLE_BYTES, EVERYTHING, WAKE_UPS, ALL_OF_IT
    }

    private final Posix posix = Posix.system();
    private Path console;
    private Path socket;

    @Test
    void relayLivesAndServesTheNextGuest() throws Exception {
        Sluice.assumeBuilt();
        final Random random = new Random(Seeds.next("attacks"));
        try (Workspace workspace = new Workspace()) {
            console = workspace.path("console");
            socket = workspace.path("agent.sock");
            final Program relay = workspace.sluice("relay", "--guest", "ring:" + console, "--listen", socket.toString(),
                "--counters-file", workspace.path("counters").toString());
            Await.until(() -> "no relay: " + relay.stderr().text(), LIMIT, () -> Files.exists(console));
            serve(random);
            final ProcessUsage before = ProcessUsage.settled(relay, LIMIT);
            for (int i = 0; i < ROUNDS; i++) {
                final Attack attack = Attack.values()[i % Attack.values().length];
                round(attack, random);
                assertTrue(relay.isAlive(), () -> attack + ": " + relay.stderr().text());
            }
            serve(random);
            ProcessUsage.awaitSame(relay, before, LIMIT);
            report(relay, CountersFileReader.read(posix, workspace.path("counters")));
        }
    }

    /** Every guest's end is counted, and the reasons of as many as the log has room for are in it. */
    private static void report(final Program relay, final CountersSnapshot counters) {
        final Map<String, Integer> reasons = new TreeMap<>();
        final String lost = "guest lost: ";
        relay.stderr().text().lines().filter(line -> line.contains(lost)).forEach(
            line -> reasons.merge(line.substring(line.indexOf(lost) + lost.length()).replaceAll("-?\\d+", "N"), 1, Integer::sum));
        reasons.forEach((reason, count) -> System.out.println(count + " x " + reason));
        final String name = RelayCounter.GUESTS_LOST.metricName();
        assertEquals(ROUNDS + 2, counters.readings().stream().filter(reading -> reading.metricName().equals(name))
            .mapToLong(CountersSnapshot.Reading::value).sum(), () -> relay.stderr().text());
        assertTrue(reasons.keySet().stream().anyMatch(reason -> reason.contains("broken")), reasons::toString);
    }

    /** An honest guest. */
    private void serve(final Random random) throws Exception {
        try (RingGuest guest = RingGuest.join(posix, console, LIMIT)) {
            serve(guest, random);
        }
    }

    private void serve(final RingGuest guest, final Random random) throws Exception {
        final AtomicBoolean done = new AtomicBoolean();
        final Thread echo = Thread.ofPlatform().name("echo").start(() -> {
            while (!done.get() && guest.echo()) {
                Thread.onSpinWait();
            }
        });
        try (Wire client = Wire.connect(socket, LIMIT)) {
            final byte[] body = new byte[random.nextInt(100_000)];
            random.nextBytes(body);
            client.write(Wire.frame(client.id(1), body));
            assertArrayEquals(Wire.frame(client.id(1), body), client.readFrame());
        } finally {
            done.set(true);
            echo.join();
        }
    }

    private void round(final Attack attack, final Random random) throws Exception {
        final List<Traffic> clients = new ArrayList<>();
        try (RingGuest guest = RingGuest.join(posix, console, LIMIT)) {
            serve(guest, random);
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Traffic(Wire.connect(socket, LIMIT), random.nextLong()));
            }
            final long end = System.nanoTime() + HOSTILE_NANOS;
            boolean echoing = true;
            while (System.nanoTime() < end) {
                // As long as its own end of the ring holds, the guest goes on using it.
                echoing = echoing && guest.echo();
                if (random.nextInt(10) == 0) {
                    strike(guest, attack, random);
                }
            }
        } finally {
            for (final Traffic client : clients) {
                client.close();
            }
        }
    }

    private static void strike(final RingGuest guest, final Attack attack, final Random random) {
        final Attack chosen = attack == Attack.ALL_OF_IT ? Attack.values()[random.nextInt(Attack.ALL_OF_IT.ordinal())] : attack;
        final MemorySegment memory = guest.memory();
        final boolean toGuest = random.nextBoolean();
        final long records = toGuest ? RingDescriptor.HEADER_PAGE_LENGTH : RingDescriptor.guestToHostOffset(guest.toGuestCapacity());
        final int capacity = toGuest ? guest.toGuestCapacity() : guest.toHostCapacity();
        switch (chosen) {
            case INDICES -> {
                final int offset = random.nextBoolean() ? RingDescriptor.TAIL_OFFSET : RingDescriptor.HEAD_OFFSET;
                memory.set(LONG, records + capacity + offset, position(memory.get(LONG, records + capacity + offset), capacity, random));
            }
            case RECORDS -> {
                final long record = records + (random.nextInt(capacity) & -RingDescriptor.RECORD_ALIGNMENT);
                memory.set(INT, record + RingDescriptor.LENGTH_OFFSET, (int) position(0, capacity, random));
                memory.set(INT, record + RingDescriptor.TYPE_OFFSET, random.nextInt(5) - 2);
            }
            case WAIT_WORDS -> {
                final int offset = random.nextBoolean() ? RingDescriptor.CONSUMER_WAIT_OFFSET : RingDescriptor.PRODUCER_WAIT_OFFSET;
                memory.set(LONG, records + capacity + offset, position(0, capacity, random));
            }
            case SINGLE_BYTES -> memory.set(
                ValueLayout.JAVA_BYTE, random.nextLong(memory.byteSize()), (byte) random.nextInt());
            case EVERYTHING -> {
                final byte[] noise = new byte[1 << 16];
                random.nextBytes(noise);
                for (long at = 0; at < memory.byteSize(); at += noise.length) {
                    final int length = (int) Math.min(noise.length, memory.byteSize() - at);
                    MemorySegment.copy(noise, 0, memory, ValueLayout.JAVA_BYTE, at, length);
                }
            }
            case WAKE_UPS -> guest.wake(1 + random.nextInt(200));
            default -> throw new AssertionError(chosen);
        }
    }

    /** A position or length that is a little wrong, or very. */
    private static long position(final long right, final int capacity, final Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> right + random.nextInt(64) - 32;
            case 1 -> right + random.nextInt(2 * capacity) - capacity;
            case 2 -> right + capacity;
            case 3 -> -random.nextInt(1000);
            case 4 -> Long.MAX_VALUE - random.nextInt(100);
            default -> random.nextLong();
        };
    }

    /** A client that sends and reads whatever comes, until it is closed. */
    private static final class Traffic {
        private final Wire wire;
        private final Thread writer;
        private final Thread reader;

        Traffic(final Wire wire, final long seed) {
            this.wire = wire;
            final Random random = new Random(seed);
            writer = start("traffic out", () -> wire.write(Wire.frame(wire.id(1 + random.nextInt(9)), new byte[random.nextInt(20_000)])));
            reader = start("traffic in", wire::readSome);
        }

        /** What is repeated until it fails. */
        private interface Step {
            void take() throws IOException;
        }

        private static Thread start(final String name, final Step step) {
            return Thread.ofPlatform().name(name).start(() -> {
                try {
                    while (true) {
                        step.take();
                    }
                } catch (final IOException e) {
                    // The connection has ended: the guest was lost, or the round is over.
                    return;
                }
            });
        }

        void close() throws IOException, InterruptedException {
            wire.close();
            writer.join();
            reader.join();
        }
    }
}
