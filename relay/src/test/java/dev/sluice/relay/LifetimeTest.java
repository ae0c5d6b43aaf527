package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a relay ends of its own accord or by order, and what everybody sees of that. */
class LifetimeTest extends RelayFixture {
    private static final Duration IDLE = Duration.ofMinutes(5);
    private static final Duration NEARLY_IDLE = IDLE.minusSeconds(20);
    /** For what is expected to take no time: far more than a busy machine needs, far less than the deadlines in this class. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private final JumpingClock clock = new JumpingClock();
    private final List<String> told = new CopyOnWriteArrayList<>();

    private RelayContext context() {
        return clock.context().limit(RelayLimit.CLOCK_SYNC_INTERVAL, 0).listener(new RelayListener() {
            @Override
            public void onReady() {
                told.add("ready");
            }

            @Override
            public void onShutdownRequested() {
                told.add("shutdown requested");
            }

            @Override
            public void onGuestLost(final String reason) {
                told.add("guest lost");
            }

            @Override
            public void onDraining() {
                told.add("draining");
            }
        });
    }

    /** Lets time pass, and makes the loop go round afterwards by something that is no use of the guest. */
    private void pass(final Duration time, final Wire.End guest) throws IOException {
        clock.jump(time);
        final long dropped = box.count(RelayCounter.GUEST_FRAMES_FOR_NOBODY);
        guest.write(Wire.frame(-1, 0, text("for nobody")));
        box.awaitCounter(RelayCounter.GUEST_FRAMES_FOR_NOBODY, dropped + 1);
        guest.write(Wire.frame(-1, 0, text("for nobody")));
        box.awaitCounter(RelayCounter.GUEST_FRAMES_FOR_NOBODY, dropped + 2);
    }

    private void assertShutDown(final Wire.End guest, final RelayOutcome reason) throws Exception {
        assertArrayEquals(Wire.inGeneration(7, Wire.SHUTDOWN), guest.readFrame());
        guest.close();
        assertEquals(reason, box.outcome());
        assertEquals(List.of("ready", "shutdown requested"), told.subList(0, 2));
    }

    @Test
    void idleGuestIsShutDown() throws Exception {
        final RelayContext context = context().limit(RelayLimit.IDLE_TIMEOUT, IDLE).limit(RelayLimit.SHUTDOWN_FLUSH, LONG);
        try (Wire.End guest = box.startReady(context, Wire.ready(7)); Wire.Client silent = box.connect()) {
            pass(NEARLY_IDLE, guest);
            assertTrue(box.isRunning());
            clock.jump(Duration.ofSeconds(30));
            guest.write(Wire.frame(silent.id(1), 0, text("what a guest says is no use of it, nor is a client that says nothing")));
            assertShutDown(guest, RelayOutcome.IDLE_TIMEOUT);
            silent.readFrame();
            assertTrue(silent.atEnd());
        }
    }

    @Test
    void everyByteOfAClientIsUse() throws Exception {
        final RelayContext context = context().limit(RelayLimit.IDLE_TIMEOUT, IDLE).limit(RelayLimit.SHUTDOWN_FLUSH, LONG);
        try (Wire.End guest = box.startReady(context, Wire.ready(7)); Wire.Client client = box.connect()) {
            for (int i = 0; i < 4; i++) {
                pass(NEARLY_IDLE, guest);
                client.write(Wire.frame(client.id(1), 0, text("touch")));
                assertArrayEquals(Wire.frame(client.id(1), 0, text("touch")), guest.readFrame(), "after " + i);
                // The relay may yet look whether there is more of it.
                pass(Duration.ZERO, guest);
            }
            clock.jump(IDLE.plusSeconds(1));
            guest.write(Wire.frame(-1, 0, text("for nobody")));
            assertShutDown(guest, RelayOutcome.IDLE_TIMEOUT);
        }
    }

    @Test
    void openSessionsAreUseUntilTheyEndEvenWhenTheirClientLeft() throws Exception {
        final RelayContext context = context().limit(RelayLimit.IDLE_TIMEOUT, IDLE).limit(RelayLimit.SHUTDOWN_FLUSH, LONG)
            .limit(RelayLimit.QUARANTINE_DEADLINE, Duration.ofDays(300));
        try (Wire.End guest = box.startReady(context, Wire.ready(1))) {
            final int id;
            try (Wire.Client client = box.connect()) {
                id = client.id(1);
                client.write(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
                for (int i = 0; i < 3; i++) {
                    pass(Duration.ofHours(10), guest);
                }
            }
            assertEquals("core.exec.signal", Wire.type(guest.readFrame()));
            pass(Duration.ofHours(10), guest);
            assertTrue(box.isRunning());
            guest.write(Wire.frame(id, 1, Wire.EXITED_BODY));
            box.awaitCounter(RelayCounter.SESSIONS_ENDED, 1);
            pass(Duration.ofSeconds(2), guest);
            clock.jump(IDLE);
            guest.write(Wire.frame(-1, 0, text("for nobody")));
            assertArrayEquals(Wire.inGeneration(1, Wire.SHUTDOWN), guest.readFrame());
            guest.channel.close();
            assertEquals(RelayOutcome.IDLE_TIMEOUT, box.outcome());
        }
    }

    @Test
    void guestThatIsNotReadyIsNotIdle() throws Exception {
        box.start(context().limit(RelayLimit.IDLE_TIMEOUT, Duration.ofSeconds(10)).limit(RelayLimit.SHUTDOWN_FLUSH, LONG));
        try (Wire.End guest = box.console.accept()) {
            for (int i = 1; i <= 5; i++) {
                clock.jump(Duration.ofSeconds(9));
                guest.write(Wire.frame(1, 0, text("booting")));
                box.awaitCounter(RelayCounter.GUEST_FRAMES_BEFORE_READY, i);
            }
            guest.write(Wire.ready(7));
            box.awaitCounter(RelayCounter.GUESTS_READY, 1);
            pass(Duration.ofSeconds(8), guest);
            assertTrue(box.isRunning());
            clock.jump(Duration.ofSeconds(3));
            guest.write(Wire.frame(-1, 0, text("for nobody")));
            assertShutDown(guest, RelayOutcome.IDLE_TIMEOUT);
        }
    }

    @Test
    void relayEndsAtItsTimeHoweverBusy() throws Exception {
        final RelayContext context = context().limit(RelayLimit.MAX_DURATION, Duration.ofHours(1)).limit(RelayLimit.SHUTDOWN_FLUSH, LONG);
        try (Wire.End guest = box.startReady(context, Wire.ready(7)); Wire.Client client = box.connect()) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            pass(Duration.ofMinutes(59), guest);
            assertTrue(box.isRunning());
            client.write(Wire.frame(client.id(1), 0, text("busy")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("busy")), guest.readFrame());
            clock.jump(Duration.ofMinutes(2));
            guest.write(Wire.frame(-1, 0, text("for nobody")));
            assertShutDown(guest, RelayOutcome.MAX_DURATION);
            assertEquals("core.exec.failed", Wire.type(client.readFrame()));
            assertTrue(client.atEnd());
        }
    }

    @Test
    void shortLimitsNeedNobodyToWakeTheRelay() throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.MAX_DURATION, Duration.ofMillis(300))
            .limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofMillis(100));
        final long startedNs = System.nanoTime();
        try (Wire.End guest = box.startReady(context)) {
            assertArrayEquals(Wire.SHUTDOWN, guest.readFrame());
            assertEquals(RelayOutcome.MAX_DURATION, box.outcome());
            final long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs);
            assertTrue(tookMs >= 400, "a guest that does not end has its flush window: " + tookMs);
        }
    }

    @Test
    void clientsAreServedInTheFlushWindow() throws Exception {
        final RelayContext context = context().limit(RelayLimit.SHUTDOWN_FLUSH, LONG);
        try (Wire.End guest = box.startReady(context, Wire.ready(7));
            Wire.Client ordering = box.connect(); Wire.Client other = box.connect()) {
            other.write(Wire.frame(other.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            ordering.write(Wire.SHUTDOWN);
            assertArrayEquals(Wire.SHUTDOWN, guest.readFrame());
            guest.write(Wire.concat(Wire.frame(other.id(1), 0, text("last words")), Wire.frame(other.id(1), 1, Wire.EXITED_BODY)));
            assertArrayEquals(Wire.frame(other.id(1), 0, text("last words")), other.readFrame());
            assertArrayEquals(Wire.frame(other.id(1), 1, Wire.EXITED_BODY), other.readFrame(), "its own end, not one of the relay's");
            other.write(Wire.frame(other.id(2), 0, text("still heard")));
            assertArrayEquals(Wire.frame(other.id(2), 0, text("still heard")), guest.readFrame());
            assertTrue(box.isRunning());
            pass(LONG.minusMinutes(1), guest);
            assertTrue(box.isRunning());
            clock.jump(Duration.ofMinutes(2));
            guest.write(Wire.frame(-1, 0, text("for nobody")));
            assertEquals(RelayOutcome.GUEST_SHUT_DOWN, box.outcome());
            assertEquals(List.of("ready", "shutdown requested", "draining"), told);
            assertTrue(other.atEnd() && ordering.atEnd());
        }
    }

    @Test
    void orderedEndTellsEverybodyAndTakesAwayOnlyItsOwnSocket() throws Exception {
        try (Wire.End guest = box.startReady(context(), Wire.ready(7)); Wire.Client running = box.connect();
            Wire.RangeClient reading = Wire.RangeClient.connect(box.rangeSocket); Wire.Client idle = box.connect()) {
            running.write(Wire.frame(running.id(1), 2, Wire.EXEC_REQUEST_BODY));
            reading.write(Wire.frame(reading.id(1), 2, Wire.FS_REQUEST_BODY));
            guest.readFrame();
            guest.readFrame();
            // Somebody has put a file of theirs where one of the sockets was.
            Files.delete(box.rangeSocket);
            Files.writeString(box.rangeSocket, "precious");
            box.relay().shutdown();
            assertEquals("core.exec.failed", Wire.type(running.readFrame()));
            assertTrue(running.atEnd());
            assertEquals("core.fs.response", Wire.type(reading.readFrame()));
            assertTrue(reading.atEnd() && idle.atEnd());
            final List<String> orders = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                orders.add(Wire.type(guest.readFrame()));
            }
            assertEquals(2, orders.stream().filter("core.relay.client.disconnected"::equals).count());
            assertEquals(1, orders.stream().filter("core.exec.signal"::equals).count());
            assertEquals(RelayOutcome.STOPPED, box.outcome());
            assertEquals(List.of("ready", "draining"), told);
        }
        box.stop();
        assertTrue(Files.notExists(box.socket));
        assertEquals("precious", Files.readString(box.rangeSocket));
        Files.delete(box.rangeSocket);
    }

    @Test
    void orderedEndIsAnswerToClientsThatWaitForAGuest() throws Exception {
        box.start(context());
        try (Wire.End early = new Wire.End(Wire.dial(box.socket)); Wire.End guest = box.console.accept()) {
            box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            box.relay().shutdown();
            assertTrue(early.atEnd());
            assertEquals(RelayOutcome.STOPPED, box.outcome());
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void whatWasHandedOverBeforeTheEndReachesTheGuestAndTheClients() throws Exception {
        try (Wire.End guest = box.startReady(context()); Wire.Client client = box.connect()) {
            final byte[] output = Wire.frame(client.id(1), 0, new byte[900_000]);
            final byte[] input = Wire.frame(client.id(1), 0, text("input"));
            client.write(input);
            box.awaitCounter(RelayCounter.FRAMES_TO_GUEST, 1);
            guest.write(output);
            box.awaitCounter(RelayCounter.FRAMES_TO_CLIENTS, 1);
            box.relay().shutdown();
            RelayUnderTest.await("draining", () -> told.contains("draining"));
            // Begins to read only now.
            assertArrayEquals(output, client.readFrame());
            assertTrue(client.atEnd());
            assertArrayEquals(input, guest.readFrame());
            assertEquals(RelayOutcome.STOPPED, box.outcome());
        }
    }

    @Test
    void clientThatDoesNotTakeItsLastBytesDelaysTheEndNoLongerThanTheDeadline() throws Exception {
        final RelayContext context = context().limit(RelayLimit.DRAIN_DEADLINE, Duration.ofMillis(200));
        final long startedNs;
        try (Wire.End guest = box.startReady(context); Wire.Client stuck = box.connect(); Wire.Client other = box.connect()) {
            final CompletableFuture<Void> output = guest.writeLater(Wire.frame(stuck.id(1), 0, new byte[900_000]));
            box.awaitCounter(RelayCounter.FRAMES_TO_CLIENTS, 1);
            startedNs = System.nanoTime();
            box.relay().shutdown();
            assertTrue(other.atEnd());
            assertEquals(RelayOutcome.STOPPED, box.outcome());
            final long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNs);
            assertTrue(tookMs >= 200, "ms: " + tookMs);
            output.get();
        }
    }

    @Test
    void nobodyIsTakenInWhileTheRelayEnds() throws Exception {
        final RelayContext context = context().limit(RelayLimit.DRAIN_DEADLINE, Duration.ofMillis(300));
        try (Wire.End guest = box.startReady(context); Wire.Client stuck = box.connect()) {
            guest.write(Wire.frame(stuck.id(1), 0, new byte[900_000]));
            box.awaitCounter(RelayCounter.FRAMES_TO_CLIENTS, 1);
            box.relay().shutdown();
            RelayUnderTest.await("draining", () -> told.contains("draining"));
            try (SocketChannel late = Wire.dial(box.socket)) {
                assertEquals(RelayOutcome.STOPPED, box.outcome());
                box.assertCount(1, RelayCounter.CLIENTS_ACCEPTED);
                assertTrue(late.isConnected());
            }
        }
        box.stop();
        assertThrows(IOException.class, () -> Wire.dial(box.socket));
    }
}
