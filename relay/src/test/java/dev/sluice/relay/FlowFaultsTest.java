package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.FaultySyscalls;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Fault scenarios B, slow and stuck parties, for clients without windows: each method is named after its row. B4 is
 * {@link GuestStallTest}; B3 and everything with windows needs processes, see the system tests' IsolationTest and StuckReaderTest.
 */
class FlowFaultsTest extends RelayFixture {
    /** What one client that does not read can make anybody hold: its buffer, its socket's, the guest's and the port's. */
    private static final long HELD_MAX = (1 << 20) + 4 * 256 * 1024;
    private static final int FLOOD_BODY = 60_000;

    /** A little less than the default, so that it is told from that. */
    private static RelayContext evicting() {
        return new RelayContext().limit(RelayLimit.HEAD_OF_LINE_LIMIT, Duration.ofMillis(90));
    }

    private static byte[] flood(final Wire.Client client, final int frames) {
        final byte[][] flood = new byte[frames][];
        for (int i = 0; i < frames; i++) {
            final byte[] body = new byte[FLOOD_BODY];
            Arrays.fill(body, (byte) i);
            flood[i] = Wire.frame(client.id(1), 0, body);
        }
        return Wire.concat(flood);
    }

    /** What was delivered before the end is a prefix of what the guest sent: nothing in between is missing. */
    private static void assertPrefix(final byte[] whole, final byte[] part) {
        assertTrue(part.length < whole.length);
        assertArrayEquals(Arrays.copyOf(whole, part.length), part);
    }

    @Test
    void b1_clientThatStopsReadingIsEvictedAndTheOthersGoOn() throws Exception {
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(evicting());
            Wire.Client stuck = box.connect(); Wire.Client healthy = box.connect()) {
            final byte[] flood = flood(stuck, 500);
            final byte[] after = Wire.frame(healthy.id(1), 0, text("after the flood"));
            final CompletableFuture<Void> flooding = guest.writeLater(Wire.concat(flood, after));
            assertArrayEquals(after, healthy.readFrame());
            flooding.get();
            box.assertCount(1, RelayCounter.CLIENTS_EVICTED_SLOW);
            assertEquals(1, log.linesWith("evicted: it has not read for 90 ms").size());
            assertPrefix(flood, stuck.readToEnd());
            assertTrue(box.count(RelayCounter.BYTES_TO_CLIENTS) <= HELD_MAX + after.length, "what was held for it has a bound");
        }
    }

    /** Nothing is lost, nothing is held beyond the bound, and the guest is held up instead. */
    @Test
    void b1_clientThatStopsReadingForAWhileLosesNothingWhenTheOthersWait() throws Exception {
        final FaultySyscalls counted = new FaultySyscalls(Posix.system().syscalls());
        final RelayContext context = new RelayContext().posix(new Posix(counted)).slowClientPolicy(SlowClientPolicy.STALL);
        try (Wire.End guest = box.startReady(context); Wire.Client stuck = box.connect(); Wire.Client healthy = box.connect()) {
            final byte[] flood = flood(stuck, 500);
            final AtomicLong written = new AtomicLong();
            final CompletableFuture<Void> flooding = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < flood.length; i += FLOOD_BODY + 9) {
                    try {
                        guest.write(Arrays.copyOfRange(flood, i, i + FLOOD_BODY + 9));
                    } catch (final IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    written.addAndGet(FLOOD_BODY + 9);
                }
            }, Wire.THREADS);
            box.awaitCounter(RelayCounter.HEAD_OF_LINE_BLOCKS, 1);
            RelayUnderTest.awaitQuiet(counted);
            assertFalse(flooding.isDone());
            assertTrue(written.get() <= HELD_MAX, "written by the guest while nobody read: " + written);
            // The way to the guest is open all the while.
            healthy.write(Wire.frame(healthy.id(1), 0, text("input")));
            assertArrayEquals(Wire.frame(healthy.id(1), 0, text("input")), guest.readFrame());
            assertArrayEquals(flood, stuck.read(flood.length));
            flooding.get();
            box.assertCount(0, RelayCounter.CLIENTS_EVICTED_SLOW);
        }
    }

    @Test
    void b1_clientThatStopsReadingForGoodIsEvictedEvenWhenTheOthersWait() throws Exception {
        final RelayContext context = new RelayContext().slowClientPolicy(SlowClientPolicy.STALL)
            .limit(RelayLimit.STALL_DEADLINE, Duration.ofMillis(300)).limit(RelayLimit.HEAD_OF_LINE_LIMIT, Duration.ofMillis(1));
        try (Wire.End guest = box.startReady(context); Wire.Client stuck = box.connect(); Wire.Client healthy = box.connect()) {
            final long startedNs = System.nanoTime();
            final byte[] after = Wire.frame(healthy.id(1), 0, text("after the flood"));
            final CompletableFuture<Void> flooding = guest.writeLater(Wire.concat(flood(stuck, 100), after));
            assertArrayEquals(after, healthy.readFrame());
            assertTrue(System.nanoTime() - startedNs >= Duration.ofMillis(300).toNanos());
            flooding.get();
            box.assertCount(1, RelayCounter.CLIENTS_EVICTED_SLOW);
        }
    }

    @Test
    void b2_clientThatReadsSingleBytesIsAsGoodAsStuck() throws Exception {
        try (Wire.End guest = box.startReady(evicting()); Wire.Client slow = box.connect(); Wire.Client healthy = box.connect()) {
            final byte[] flood = flood(slow, 500);
            final byte[] after = Wire.frame(healthy.id(1), 0, text("after the flood"));
            final CompletableFuture<Void> flooding = guest.writeLater(Wire.concat(flood, after));
            box.awaitCounter(RelayCounter.HEAD_OF_LINE_BLOCKS, 1);
            int read = 0;
            while (box.count(RelayCounter.CLIENTS_EVICTED_SLOW) == 0) {
                assertEquals(flood[read], slow.read(1)[0]);
                read++;
                Thread.yield();
            }
            assertArrayEquals(after, healthy.readFrame());
            flooding.get();
            assertPrefix(Arrays.copyOfRange(flood, read, flood.length), slow.readToEnd());
        }
    }

    /** It is never at the head of the line for long, but always. */
    @Test
    void b2_clientThatReadsJustEnoughToHoldUpTheOthersIsEvicted() throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.HEAD_OF_LINE_LIMIT, Duration.ofSeconds(9))
            .limit(RelayLimit.HEAD_OF_LINE_BUDGET, Duration.ofMillis(300));
        try (Wire.End guest = box.startReady(context); Wire.Client slow = box.connect(); Wire.Client other = box.connect()) {
            final byte[] flood = Wire.frame(slow.id(1), 0, new byte[4_000_000]);
            final byte[] after = Wire.frame(other.id(1), 0, text("behind it"));
            final CompletableFuture<Void> flooding = guest.writeLater(Wire.concat(flood, after));
            box.awaitCounter(RelayCounter.HEAD_OF_LINE_BLOCKS, 1);
            // It goes on each time that it has read enough for that, until its time is used up.
            for (int read = 0; box.count(RelayCounter.CLIENTS_EVICTED_SLOW) == 0; read++) {
                assertEquals(flood[read], slow.read(1)[0]);
                Thread.yield();
            }
            assertArrayEquals(after, other.readFrame());
            flooding.get();
        }
    }

    /** There is nobody whom it could hold up. */
    @Test
    void b2_clientThatReadsSlowlyAndIsTheOnlyOneIsNotEvicted() throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.HEAD_OF_LINE_LIMIT, Duration.ofMillis(1))
            .limit(RelayLimit.HEAD_OF_LINE_BUDGET, Duration.ofMillis(1));
        try (Wire.End guest = box.startReady(context); Wire.Client slow = box.connect()) {
            final byte[] flood = Wire.frame(slow.id(1), 0, new byte[4_000_000]);
            final CompletableFuture<Void> flooding = guest.writeLater(flood);
            box.awaitCounter(RelayCounter.HEAD_OF_LINE_BLOCKS, 1);
            final long ticks = System.nanoTime() + 100_000_000;
            RelayUnderTest.await("some looks at it", () -> System.nanoTime() - ticks > 0);
            assertArrayEquals(flood, slow.read(flood.length));
            flooding.get();
            box.assertCount(0, RelayCounter.CLIENTS_EVICTED_SLOW);
        }
    }

    @Test
    void b5_guestThatFloodsFramesForNobodyKeepsNobodyFromTheGuest() throws Exception {
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            final AtomicBoolean done = new AtomicBoolean();
            final byte[][] frames = new byte[5000][];
            Arrays.fill(frames, Wire.frame(-1, 0, text("a frame for nobody")));
            final byte[] nonsense = Wire.concat(frames);
            final CompletableFuture<Void> flooding = CompletableFuture.runAsync(() -> {
                while (!done.get()) {
                    try {
                        guest.write(nonsense);
                    } catch (final IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            }, Wire.THREADS);
            for (int i = 0; i < 300; i++) {
                final byte[] input = Wire.frame(client.id(1 + i), 0, text("input"));
                client.write(input);
                assertArrayEquals(input, guest.readFrame(), "in the midst of the flood");
            }
            // Neither are clients kept from coming and going.
            for (int i = 0; i < 20; i++) {
                box.connect().close();
            }
            assertFalse(flooding.isDone());
            done.set(true);
            flooding.get();
            assertTrue(box.count(RelayCounter.GUEST_FRAMES_FOR_NOBODY) > 5000);
            assertTrue(log.linesWith("").size() < 100, "no flood of lines: " + log.linesWith("").size());
        }
    }

    @Test
    void b5_guestThatFloodsOneClientWithSmallFramesDoesNotKeepAnother() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client flooded = box.connect(); Wire.Client other = box.connect()) {
            final byte[][] frames = new byte[100_000][];
            Arrays.fill(frames, Wire.frame(flooded.id(1), 0, text("x")));
            final byte[] output = Wire.concat(frames);
            final CompletableFuture<Void> flooding = guest.writeLater(output);
            final CompletableFuture<byte[]> reading = flooded.readLater(output.length);
            for (int i = 0; i < 100; i++) {
                final byte[] input = Wire.frame(other.id(1), 0, text("input " + i));
                other.write(input);
                assertArrayEquals(input, guest.readFrame());
            }
            flooding.get();
            assertArrayEquals(output, reading.get());
            assertEquals(List.of(0L, 0L), List.of(box.count(RelayCounter.CLIENTS_EVICTED_SLOW), box.count(RelayCounter.GUESTS_LOST)));
        }
    }
}
