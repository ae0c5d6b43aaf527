package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.port.PortAddress;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay between real sockets, its guest and its clients played byte by byte. */
class RelayTest {
    @TempDir
    Path directory;
    private Path socket;
    private Wire.GuestConsole console;
    private Relay relay;
    private CompletableFuture<RelayOutcome> outcome;

    @BeforeEach
    void listen() throws IOException {
        socket = directory.resolve("agent.sock");
        console = new Wire.GuestConsole(directory.resolve("console.sock"));
    }

    @AfterEach
    void stop() throws Exception {
        if (relay != null) {
            relay.shutdown();
            outcome.get(10, TimeUnit.SECONDS);
            relay.close();
        }
        console.close();
        assertFalse(Files.exists(socket), "the relay removes its socket");
    }

    /** Clients here have no windows, and on a busy machine take their time to read: nobody is to be evicted for that. */
    private void start(final RelayContext context) throws IOException {
        context.limit(RelayLimit.HEAD_OF_LINE_LIMIT, context.limit(RelayLimit.STALL_DEADLINE));
        relay = Relay.open(context.listen(socket).guest(PortAddress.parse("unix:" + directory.resolve("console.sock"))));
        outcome = new CompletableFuture<>();
        Thread.ofPlatform().name("relay-under-test").start(() -> {
            try {
                outcome.complete(relay.run());
            } catch (final Throwable e) {
                outcome.completeExceptionally(e);
            }
        });
    }

    private Wire.End startReady(final RelayContext context) throws Exception {
        start(context);
        final Wire.End guest = console.accept();
        guest.write(Wire.READY);
        assertTrue(relay.awaitReady(Duration.ofSeconds(10)));
        return guest;
    }

    private void await(final String what, final BooleanSupplier condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "waited in vain for " + what);
            Thread.onSpinWait();
        }
    }

    private void awaitCounter(final RelayCounter counter, final long value) {
        await(counter + " >= " + value, () -> relay.counters().get(counter) >= value);
    }

    private static byte[] text(final String text) {
        return text.getBytes(US_ASCII);
    }

    @Test
    void clientGetsItsOffsetAndTheGuestsReadyFrameByteForByte() throws Exception {
        try (Wire.End guest = startReady(new RelayContext());
            Wire.Client first = Wire.Client.connect(socket);
            Wire.Client second = Wire.Client.connect(socket)) {
            assertArrayEquals(Wire.READY, first.ready);
            assertEquals(0, first.idOffset % 33_554_431);
            assertNotEquals(first.idOffset, second.idOffset);
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void clientThatComesBeforeTheGuestIsServedWhenItIsReady() throws Exception {
        start(new RelayContext());
        try (Wire.End guest = console.accept(); SocketChannel early = Wire.dial(socket)) {
            awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            guest.write(Wire.READY);
            final ByteBuffer handshake = ByteBuffer.allocate(4 + Wire.READY.length);
            while (handshake.hasRemaining() && early.read(handshake) >= 0) {
                assertTrue(early.isOpen());
            }
            assertArrayEquals(Wire.READY, java.util.Arrays.copyOfRange(handshake.array(), 4, handshake.capacity()));
        }
    }

    @Test
    void framesBehindReadyInTheSameWriteAreKept() throws Exception {
        start(new RelayContext());
        try (SocketChannel early = Wire.dial(socket); Wire.End guest = console.accept()) {
            awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            final ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.writeBytes(Wire.READY);
            both.writeBytes(Wire.frame(1, 0, text("right behind")));
            guest.write(both.toByteArray());
            try (Wire.End client = new Wire.End(early)) {
                client.read(4);
                client.readFrame();
                assertArrayEquals(Wire.frame(1, 0, text("right behind")), client.readFrame());
            }
        }
    }

    @Test
    void framesPassUnchangedInBothDirections() throws Exception {
        final Random random = new Random(Seeds.next("frames"));
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = Wire.Client.connect(socket)) {
            for (final int size : new int[] {0, 1, 59, 4087, 4096, 4097, 65_530, 65_536, 69_632, 300_000, 4_194_299}) {
                final byte[] body = new byte[size];
                random.nextBytes(body);
                final byte[] frame = Wire.frame(client.id(7), 0x40, body);
                final CompletableFuture<Void> toGuest = CompletableFuture.runAsync(() -> writeAll(client, frame));
                assertArrayEquals(frame, guest.readFrame(), "to the guest, " + size);
                toGuest.get();
                final CompletableFuture<Void> toClient = CompletableFuture.runAsync(() -> writeAll(guest, frame));
                assertArrayEquals(frame, client.readFrame(), "to the client, " + size);
                toClient.get();
            }
        }
    }

    private static void writeAll(final Wire.End end, final byte[] bytes) {
        try {
            end.write(bytes);
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void guestThatWritesByteByByteIsUnderstood() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = Wire.Client.connect(socket)) {
            final byte[] frame = Wire.frame(client.id(3), 0, text("in pieces"));
            for (final byte b : frame) {
                guest.write(new byte[] {b});
            }
            assertArrayEquals(frame, client.readFrame());
        }
    }

    @Test
    void badClientFramesCostTheirSenderAloneItsConnection() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client bystander = Wire.Client.connect(socket)) {
            final List<byte[]> bad = new ArrayList<>();
            for (final long length : new long[] {0, 1, 4, 4_194_305, 0x7fffffffL, 0xffffffffL}) {
                bad.add(ByteBuffer.allocate(4).putInt((int) length).array());
            }
            bad.add(Wire.frame(bystander.id(1), 0, text("in another's name")));
            bad.add(Wire.frame(0, 0, text("control")));
            bad.add(Wire.frame(-1, 0, text("out of the grid")));
            for (final byte[] bytes : bad) {
                try (Wire.Client client = Wire.Client.connect(socket)) {
                    client.write(bytes);
                    assertTrue(client.atEnd());
                }
            }
            assertEquals(3, relay.counters().get(RelayCounter.CLIENT_FRAMES_TOO_SHORT));
            assertEquals(3, relay.counters().get(RelayCounter.CLIENT_FRAMES_TOO_LONG));
            assertEquals(2, relay.counters().get(RelayCounter.CLIENT_FRAMES_FOREIGN_ID));
            assertEquals(1, relay.counters().get(RelayCounter.CLIENT_FRAMES_BAD_CONTROL));
            bystander.write(Wire.frame(bystander.id(1), 0, text("still here")));
            assertArrayEquals(Wire.frame(bystander.id(1), 0, text("still here")), guest.readFrame(), "and nothing else came before it");
        }
    }

    @Test
    void framesBeforeABadOneReachASlowGuestAndTheirSessionIsKilled() throws Exception {
        final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
        try (Wire.End guest = startReady(new RelayContext().posix(new Posix(faults))); Wire.Client client = Wire.Client.connect(socket)) {
            faults.inject(FaultSchedule.always(Call.SEND, Fault.shortCount(10)));
            final ByteArrayOutputStream frames = new ByteArrayOutputStream();
            frames.writeBytes(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            frames.writeBytes(Wire.frame(client.id(1), 0, text("input")));
            frames.writeBytes(Wire.frame(0, 0, text("control")));
            client.write(frames.toByteArray());
            assertArrayEquals(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY), guest.readFrame());
            assertArrayEquals(Wire.frame(client.id(1), 0, text("input")), readFrameWithin(guest));
            assertTrue(new String(readFrameWithin(guest), US_ASCII).contains("core.exec.signal"));
            assertEquals(1, relay.counters().get(RelayCounter.CLIENT_FRAMES_BAD_CONTROL));
        }
    }

    private static byte[] readFrameWithin(final Wire.End end) throws Exception {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return end.readFrame();
            } catch (final IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }).get(10, TimeUnit.SECONDS);
    }

    @Test
    void frameThatNeverEndsCostsItsSenderTheConnection() throws Exception {
        try (Wire.End guest = startReady(new RelayContext().limit(RelayLimit.STALL_DEADLINE, Duration.ofMillis(200)));
            Wire.Client client = Wire.Client.connect(socket)) {
            client.write(java.util.Arrays.copyOf(Wire.frame(client.id(1), 0, new byte[1000]), 500));
            assertTrue(client.atEnd());
            assertEquals(1, relay.counters().get(RelayCounter.CLIENT_FRAMES_STALLED));
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void aDeviceThatCannotBeWaitedForEndsTheRelay() throws Exception {
        final RelayContext context = new RelayContext().guest(PortAddress.parse("file:/dev/null")).listen(socket);
        try (Relay unable = Relay.open(context)) {
            final IOException failure = assertThrows(IOException.class, unable::run);
            assertTrue(failure.getMessage().contains("no console"), failure.getMessage());
        }
    }

    @Test
    void longFramesThatNeverEndDoNotKeepTheirMemoryFromOthers() throws Exception {
        try (Wire.End guest = startReady(new RelayContext().limit(RelayLimit.ASSEMBLY_BUFFERS, 1));
            Wire.Client first = Wire.Client.connect(socket); Wire.Client second = Wire.Client.connect(socket)) {
            first.write(java.util.Arrays.copyOf(Wire.frame(first.id(1), 0, new byte[1_000_000]), 100_000));
            final byte[] frame = Wire.frame(second.id(1), 0, new byte[100_000]);
            second.write(frame);
            assertArrayEquals(frame, readFrameWithin(guest));
            assertTrue(first.atEnd());
            assertEquals(1, relay.counters().get(RelayCounter.CLIENT_FRAMES_STALLED));
        }
    }

    @Test
    void guestFramesForNobodyAreDroppedAndCounted() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = Wire.Client.connect(socket)) {
            guest.write(Wire.frame(client.idOffset + 33_554_431 * 3 + 1, 0, text("nobody's")));
            guest.write(Wire.frame(33_554_431, 0, text("between two ranges")));
            guest.write(Wire.frame(-1, 0, text("out of the grid")));
            guest.write(Wire.frame(0, 0, text("not even CBOR")));
            guest.write(Wire.frame(client.id(1), 0, text("mine")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("mine")), client.readFrame());
            assertEquals(3, relay.counters().get(RelayCounter.GUEST_FRAMES_FOR_NOBODY));
            assertEquals(1, relay.counters().get(RelayCounter.GUEST_CONTROL_DROPPED));
        }
    }

    @Test
    void guestThatBreaksTheFramingIsLostAndTheNextOneServed() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = Wire.Client.connect(socket)) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            guest.write(ByteBuffer.allocate(4).putInt(4_194_305).array());
            final byte[] end = client.readFrame();
            assertEquals(1, end[8], "a terminal frame");
            assertTrue(new String(end, US_ASCII).contains("core.exec.failed"));
            assertTrue(new String(end, US_ASCII).contains("relay"));
            assertTrue(client.atEnd());
            assertTrue(guest.atEnd());
        }
        try (Wire.End next = console.accept()) {
            next.write(Wire.READY);
            try (Wire.Client client = Wire.Client.connect(socket)) {
                next.write(Wire.frame(client.id(1), 0, text("hello again")));
                assertArrayEquals(Wire.frame(client.id(1), 0, text("hello again")), client.readFrame());
            }
        }
    }

    @Test
    void clientInsideAForwardedFrameSeesOnlyItsPartAndTheEnd() throws Exception {
        try (Wire.Client inside = connectLater(); Wire.Client other = Wire.Client.connect(socket)) {
            inside.write(Wire.frame(inside.id(1), 2, Wire.EXEC_REQUEST_BODY));
            other.write(Wire.frame(other.id(1), 2, Wire.FS_REQUEST_BODY));
            guestEnd.readFrame();
            guestEnd.readFrame();
            final byte[] cut = java.util.Arrays.copyOf(Wire.frame(inside.id(1), 0, new byte[10_000]), 6_000);
            guestEnd.write(cut);
            guestEnd.close();
            assertArrayEquals(cut, inside.readToEnd());
            assertTrue(new String(other.readFrame(), US_ASCII).contains("core.fs.response"));
            assertTrue(other.atEnd());
        }
    }

    private Wire.End guestEnd;

    private Wire.Client connectLater() throws Exception {
        guestEnd = startReady(new RelayContext());
        return Wire.Client.connect(socket);
    }

    @Test
    void sessionsOfAClientThatLeftAreKilledAndItsRangeWaits() throws Exception {
        try (Wire.End guest = startReady(new RelayContext())) {
            final int id;
            try (Wire.Client client = Wire.Client.connect(socket)) {
                id = client.id(5);
                client.write(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY));
                client.write(Wire.frame(client.id(6), 2, Wire.FS_REQUEST_BODY));
                guest.readFrame();
                guest.readFrame();
            }
            final byte[] kill = guest.readFrame();
            assertEquals(id, ByteBuffer.wrap(kill).getInt(4));
            assertTrue(new String(kill, US_ASCII).contains("core.exec.signal"));
            assertEquals(9, kill[kill.length - 1]);
            guest.write(Wire.frame(id, 0, text("late output")));
            guest.write(Wire.frame(id, 1, Wire.EXITED_BODY));
            guest.write(Wire.frame(id + 1, 1, Wire.EXITED_BODY));
            awaitCounter(RelayCounter.SESSIONS_ENDED, 2);
            assertEquals(3, relay.counters().get(RelayCounter.GUEST_FRAMES_QUARANTINED));
        }
    }

    @Test
    void halfClosedClientStillGetsItsOutput() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = Wire.Client.connect(socket)) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            client.channel.shutdownOutput();
            guest.readFrame();
            guest.write(Wire.frame(client.id(1), 0, text("output")));
            guest.write(Wire.frame(client.id(1), 1, Wire.EXITED_BODY));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("output")), client.readFrame());
            assertArrayEquals(Wire.frame(client.id(1), 1, Wire.EXITED_BODY), client.readFrame());
            assertTrue(client.atEnd());
        }
    }

    @Test
    void stuckClientWithoutWindowsIsEvictedAndTheOthersGoOn() throws Exception {
        try (Wire.End guest = startReady(new RelayContext());
            Wire.Client stuck = Wire.Client.connect(socket);
            Wire.Client healthy = Wire.Client.connect(socket)) {
            final byte[] flood = Wire.frame(stuck.id(1), 0, new byte[60_000]);
            final CompletableFuture<Void> flooding = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 100; i++) {
                    writeAll(guest, flood);
                }
                writeAll(guest, Wire.frame(healthy.id(1), 0, text("after the flood")));
            });
            assertArrayEquals(Wire.frame(healthy.id(1), 0, text("after the flood")), healthy.readFrame());
            flooding.get();
            assertEquals(1, relay.counters().get(RelayCounter.CLIENTS_EVICTED_SLOW));
            final byte[] got = stuck.readToEnd();
            for (int i = 0; i < got.length; i++) {
                assertEquals(flood[i % flood.length], got[i]);
            }
        }
    }

    @Test
    void shutdownGoesToTheGuestAndEndsTheRelayWhenTheGuestEnds() throws Exception {
        final Wire.End guest = startReady(new RelayContext().limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofSeconds(30)));
        try (Wire.Client client = Wire.Client.connect(socket)) {
            client.write(Wire.SHUTDOWN);
            assertArrayEquals(Wire.SHUTDOWN, guest.readFrame());
            assertThrows(TimeoutException.class, () -> outcome.get(100, TimeUnit.MILLISECONDS), "the guest has its time");
            guest.close();
            assertEquals(RelayOutcome.GUEST_SHUT_DOWN, outcome.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void shutdownOfAClientThatLeavesAtOnceStillReachesTheGuest() throws Exception {
        try (Wire.End guest = startReady(new RelayContext().limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofMillis(100)))) {
            try (Wire.Client client = Wire.Client.connect(socket)) {
                client.write(Wire.SHUTDOWN);
            }
            assertArrayEquals(Wire.SHUTDOWN, guest.readFrame());
            assertEquals(RelayOutcome.GUEST_SHUT_DOWN, outcome.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void stopTellsEveryClientAndKillsItsSessions() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = Wire.Client.connect(socket)) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            relay.shutdown();
            assertTrue(new String(client.readFrame(), US_ASCII).contains("core.exec.failed"));
            assertTrue(client.atEnd());
            assertTrue(new String(guest.readFrame(), US_ASCII).contains("core.exec.signal"));
            assertEquals(RelayOutcome.STOPPED, outcome.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void relaySleepsWhileItDrains() throws Exception {
        final FaultySyscalls counted = new FaultySyscalls(Posix.system().syscalls());
        final CompletableFuture<Void> draining = new CompletableFuture<>();
        final RelayContext context = new RelayContext().posix(new Posix(counted)).limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofMillis(1))
            .limit(RelayLimit.DRAIN_DEADLINE, Duration.ofMillis(400)).listener(new RelayListener() {
                @Override
                public void onDraining() {
                    draining.complete(null);
                }
            });
        try (Wire.End guest = startReady(context); Wire.Client stuck = Wire.Client.connect(socket)) {
            guest.write(Wire.frame(stuck.id(1), 0, new byte[900_000]));
            stuck.write(Wire.SHUTDOWN);
            draining.get(10, TimeUnit.SECONDS);
            counted.inject(FaultSchedule.NEVER);
            try (SocketChannel late = Wire.dial(socket)) {
                assertEquals(RelayOutcome.GUEST_SHUT_DOWN, outcome.get(10, TimeUnit.SECONDS));
                assertTrue(late.isConnected());
            }
            final long waits = counted.count(Call.EPOLL_WAIT);
            assertTrue(waits <= 100, "waits: " + waits);
        }
    }

    @Test
    void stopReachesARelayThatHasNothingElseToDo() throws Exception {
        final FaultySyscalls counted = new FaultySyscalls(Posix.system().syscalls());
        try (Wire.End guest = startReady(new RelayContext().posix(new Posix(counted)))) {
            // Asleep: as good as every other iteration would be a call.
            final long[] seen = {-1, System.nanoTime()};
            await("a loop without calls for 20 ms", () -> {
                if (counted.count() != seen[0]) {
                    seen[0] = counted.count();
                    seen[1] = System.nanoTime();
                }
                return System.nanoTime() - seen[1] > TimeUnit.MILLISECONDS.toNanos(20);
            });
            relay.shutdown();
            assertEquals(RelayOutcome.STOPPED, outcome.get(10, TimeUnit.SECONDS));
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void guestThatNeverGetsReadyIsGivenUp() throws Exception {
        start(new RelayContext().limit(RelayLimit.READY_DEADLINE, Duration.ofMillis(150)));
        try (Wire.End guest = console.accept(); SocketChannel waiting = Wire.dial(socket)) {
            guest.write(Wire.frame(1, 0, text("not ready")));
            assertEquals(RelayOutcome.NEVER_READY, outcome.get(10, TimeUnit.SECONDS));
            assertEquals(-1, waiting.read(ByteBuffer.allocate(1)));
            assertFalse(relay.awaitReady(Duration.ofSeconds(1)));
        }
    }

    @Test
    void secondReadyIsANewGuest() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = Wire.Client.connect(socket)) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            final ByteArrayOutputStream restarted = new ByteArrayOutputStream();
            restarted.writeBytes(Wire.READY);
            restarted.writeBytes(Wire.frame(client.id(1), 0, text("of the new guest")));
            guest.write(restarted.toByteArray());
            assertTrue(new String(client.readFrame(), US_ASCII).contains("core.exec.failed"));
            assertTrue(client.atEnd(), "nothing of the new guest reaches a client of the old");
            try (Wire.Client again = Wire.Client.connect(socket)) {
                guest.write(Wire.frame(again.id(1), 0, text("hello")));
                assertArrayEquals(Wire.frame(again.id(1), 0, text("hello")), again.readFrame());
            }
        }
    }

    @Test
    void sessionsThatANewAgentMayHaveBeenHandedAreKilled() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = Wire.Client.connect(socket)) {
            final byte[] request = Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY);
            client.write(request);
            awaitCounter(RelayCounter.FRAMES_TO_GUEST, 1);
            // The first agent dies with the request unread; the second reads it.
            guest.write(Wire.READY);
            assertArrayEquals(request, guest.readFrame());
            final byte[] kill = guest.readFrame();
            assertEquals(client.id(1), ByteBuffer.wrap(kill).getInt(4));
            assertTrue(new String(kill, US_ASCII).contains("core.exec.signal"));
        }
    }

    @Test
    void refusesTheClientBeyondTheLastRange() throws Exception {
        try (Wire.End guest = startReady(new RelayContext().limit(RelayLimit.MAX_CLIENTS, 2));
            Wire.Client first = Wire.Client.connect(socket);
            Wire.Client second = Wire.Client.connect(socket);
            SocketChannel third = Wire.dial(socket)) {
            assertEquals(-1, third.read(ByteBuffer.allocate(1)));
            assertEquals(1, relay.counters().get(RelayCounter.CLIENTS_REFUSED_FULL));
            assertTrue(first.channel.isOpen() && second.channel.isOpen() && guest.channel.isOpen());
        }
    }

    @Test
    void secondRelayOnTheSameSocketIsRefused() throws Exception {
        try (Wire.End guest = startReady(new RelayContext())) {
            final IOException refusal = assertThrows(IOException.class, () -> Relay.open(
                new RelayContext().listen(socket).guest(PortAddress.parse("unix:" + directory.resolve("console.sock")))));
            assertTrue(refusal.getMessage().contains(socket.toString()), refusal.getMessage());
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void deathOfTheGuestIsToldAlthoughAClientThatIsWaitedForDoesNotRead() throws Exception {
        final RelayContext patient = new RelayContext()
            .slowClientPolicy(SlowClientPolicy.STALL).limit(RelayLimit.STALL_DEADLINE, Duration.ofHours(1));
        try (Wire.End guest = startReady(patient);
            Wire.Client stuck = Wire.Client.connect(socket);
            Wire.Client other = Wire.Client.connect(socket)) {
            final byte[] frame = Wire.frame(stuck.id(1), 0, new byte[60_000]);
            guest.channel.configureBlocking(false);
            final ByteBuffer flood = ByteBuffer.wrap(frame);
            while (relay.counters().get(RelayCounter.HEAD_OF_LINE_BLOCKS) == 0) {
                guest.channel.write(flood.hasRemaining() ? flood : flood.rewind());
            }
            guest.channel.close();
            assertEquals(0, other.readToEnd().length);
            assertEquals(1, relay.counters().get(RelayCounter.CLIENTS_EVICTED_SLOW));
        }
    }

    @Test
    void optionsOutOfBoundsAreNamed() {
        final IllegalArgumentException noSocket = assertThrows(IllegalArgumentException.class, () -> new RelayContext().conclude());
        assertTrue(noSocket.getMessage().contains("listen: null"));
        final IllegalArgumentException clients = assertThrows(IllegalArgumentException.class, () -> new RelayContext()
            .listen(socket).guest(PortAddress.parse("ring:/tmp/x")).limit(RelayLimit.MAX_CLIENTS, 129).conclude());
        assertEquals("max-clients: 129 (allowed: 1 to 128)", clients.getMessage());
    }

    @Test
    void randomBytesFromManyClientsHarmNobody() throws Exception {
        final Random random = new Random(Seeds.next("garbage"));
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client healthy = Wire.Client.connect(socket)) {
            for (int i = 0; i < 200; i++) {
                try (Wire.Client client = Wire.Client.connect(socket)) {
                    final byte[] garbage = new byte[1 + random.nextInt(200)];
                    random.nextBytes(garbage);
                    garbage[0] |= 1;
                    client.write(garbage);
                }
            }
            awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 201);
            healthy.write(Wire.frame(healthy.id(1), 0, text("ping")));
            assertArrayEquals(Wire.frame(healthy.id(1), 0, text("ping")), guest.readFrame());
        }
    }

    @Test
    void runFailsLoudlyOnlyOnce() throws ExecutionException, InterruptedException, IOException {
        start(new RelayContext());
        relay.shutdown();
        relay.shutdown();
        assertEquals(RelayOutcome.STOPPED, outcome.get());
    }

    @Test
    void loopThatFailsLeavesNobodyWaiting() throws Exception {
        start(new RelayContext().listener(new RelayListener() {
            @Override
            public void onReady() {
                throw new IllegalStateException("a listener that breaks its promise");
            }
        }));
        try (SocketChannel waiting = Wire.dial(socket); Wire.End guest = console.accept()) {
            awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            guest.write(Wire.READY);
            final ExecutionException failure = assertThrows(ExecutionException.class, () -> outcome.get(10, TimeUnit.SECONDS));
            assertEquals("a listener that breaks its promise", failure.getCause().getMessage());
            while (waiting.read(ByteBuffer.allocate(100)) >= 0) {
                assertTrue(waiting.isOpen());
            }
            assertTrue(guest.atEnd());
        }
        relay.close();
        relay = null;
    }
}
