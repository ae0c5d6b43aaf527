package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A relay between real sockets, its guest and its clients played byte by byte. */
class RelayTest extends RelayFixture {
    @Test
    void clientGetsItsOffsetAndTheGuestsReadyFrameByteForByte() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext());
            Wire.Client first = box.connect();
            Wire.Client second = box.connect()) {
            assertArrayEquals(Wire.READY, first.ready);
            assertEquals(0, first.idOffset % 33_554_431);
            assertNotEquals(first.idOffset, second.idOffset);
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void clientThatComesBeforeTheGuestIsServedWhenItIsReady() throws Exception {
        box.start(new RelayContext());
        try (Wire.End guest = box.console.accept(); SocketChannel early = Wire.dial(box.socket)) {
            box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            guest.write(Wire.READY);
            final ByteBuffer handshake = ByteBuffer.allocate(4 + Wire.READY.length);
            while (handshake.hasRemaining() && early.read(handshake) >= 0) {
                assertTrue(early.isOpen());
            }
            assertArrayEquals(Wire.READY, java.util.Arrays.copyOfRange(handshake.array(), 4, handshake.capacity()));
        }
    }

    @Test
    void framesPassUnchangedInBothDirections() throws Exception {
        final Random random = new Random(Seeds.next("frames"));
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            for (final int size : new int[] {0, 1, 59, 4087, 4096, 4097, 65_530, 65_536, 69_632, 300_000, 4_194_299}) {
                final byte[] body = new byte[size];
                random.nextBytes(body);
                final byte[] frame = Wire.frame(client.id(7), 0x40, body);
                final CompletableFuture<Void> toGuest = client.writeLater(frame);
                assertArrayEquals(frame, guest.readFrame(), "to the guest, " + size);
                toGuest.get();
                final CompletableFuture<Void> toClient = guest.writeLater(frame);
                assertArrayEquals(frame, client.readFrame(), "to the client, " + size);
                toClient.get();
            }
        }
    }

    @Test
    void framesBeforeABadOneReachASlowGuestAndTheirSessionIsKilled() throws Exception {
        final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
        try (Wire.End guest = box.startReady(new RelayContext().posix(new Posix(faults))); Wire.Client client = box.connect()) {
            faults.inject(FaultSchedule.always(Call.SEND, Fault.shortCount(10)));
            final ByteArrayOutputStream frames = new ByteArrayOutputStream();
            frames.writeBytes(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            frames.writeBytes(Wire.frame(client.id(1), 0, text("input")));
            frames.writeBytes(Wire.frame(0, 0, text("control")));
            client.write(frames.toByteArray());
            assertArrayEquals(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY), guest.readFrame());
            assertArrayEquals(Wire.frame(client.id(1), 0, text("input")), guest.readFrame());
            assertTrue(new String(guest.readFrame(), US_ASCII).contains("core.exec.signal"));
            box.assertCount(1, RelayCounter.CLIENT_FRAMES_BAD_CONTROL);
        }
    }

    @Test
    void aDeviceThatCannotBeWaitedForEndsTheRelay() throws Exception {
        final RelayContext context = new RelayContext().guest(PortAddress.parse("file:/dev/null")).listen(box.socket);
        try (Relay unable = Relay.open(context)) {
            final IOException failure = assertThrows(IOException.class, unable::run);
            assertTrue(failure.getMessage().contains("no console"), failure.getMessage());
        }
    }

    @Test
    void sessionsOfAClientThatLeftAreKilledAndItsRangeWaits() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext())) {
            final int id;
            try (Wire.Client client = box.connect()) {
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
            box.awaitCounter(RelayCounter.SESSIONS_ENDED, 2);
            box.assertCount(3, RelayCounter.GUEST_FRAMES_QUARANTINED);
        }
    }

    @Test
    void shutdownGoesToTheGuestAndEndsTheRelayWhenTheGuestEnds() throws Exception {
        final Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofSeconds(30)));
        try (Wire.Client client = box.connect()) {
            client.write(Wire.SHUTDOWN);
            assertArrayEquals(Wire.SHUTDOWN, guest.readFrame());
            assertTrue(box.isRunning(), "the guest has its time");
            guest.close();
            assertEquals(RelayOutcome.GUEST_SHUT_DOWN, box.outcome());
        }
    }

    @Test
    void shutdownOfAClientThatLeavesAtOnceStillReachesTheGuest() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofMillis(100)))) {
            try (Wire.Client client = box.connect()) {
                client.write(Wire.SHUTDOWN);
            }
            assertArrayEquals(Wire.SHUTDOWN, guest.readFrame());
            assertEquals(RelayOutcome.GUEST_SHUT_DOWN, box.outcome());
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
        try (Wire.End guest = box.startReady(context); Wire.Client stuck = box.connect()) {
            guest.write(Wire.frame(stuck.id(1), 0, new byte[900_000]));
            stuck.write(Wire.SHUTDOWN);
            draining.get(10, TimeUnit.SECONDS);
            counted.inject(FaultSchedule.NEVER);
            try (SocketChannel late = Wire.dial(box.socket)) {
                assertEquals(RelayOutcome.GUEST_SHUT_DOWN, box.outcome());
                assertTrue(late.isConnected());
            }
            final long waits = counted.count(Call.EPOLL_WAIT);
            assertTrue(waits <= 100, "waits: " + waits);
        }
    }

    @Test
    void stopReachesARelayThatHasNothingElseToDo() throws Exception {
        final FaultySyscalls counted = new FaultySyscalls(Posix.system().syscalls());
        try (Wire.End guest = box.startReady(new RelayContext().posix(new Posix(counted)))) {
            RelayUnderTest.awaitQuiet(counted);
            box.relay().shutdown();
            assertEquals(RelayOutcome.STOPPED, box.outcome());
            assertTrue(guest.channel.isOpen());
        }
    }

    @Test
    void deathOfTheGuestIsToldAlthoughAClientThatIsWaitedForDoesNotRead() throws Exception {
        final RelayContext patient = new RelayContext()
            .slowClientPolicy(SlowClientPolicy.STALL).limit(RelayLimit.STALL_DEADLINE, Duration.ofHours(1))
            .limit(RelayLimit.HEAD_OF_LINE_LIMIT, Duration.ofMillis(90));
        try (Wire.End guest = box.startReady(patient);
            Wire.Client stuck = box.connect();
            Wire.Client other = box.connect()) {
            final byte[] frame = Wire.frame(stuck.id(1), 0, new byte[60_000]);
            guest.channel.configureBlocking(false);
            final ByteBuffer flood = ByteBuffer.wrap(frame);
            while (box.count(RelayCounter.HEAD_OF_LINE_BLOCKS) == 0) {
                guest.channel.write(flood.hasRemaining() ? flood : flood.rewind());
            }
            guest.channel.close();
            assertEquals(0, other.readToEnd().length);
            box.assertCount(1, RelayCounter.CLIENTS_EVICTED_SLOW);
        }
    }

    @Test
    void optionsOutOfBoundsAreNamed() {
        final IllegalArgumentException noSocket = assertThrows(IllegalArgumentException.class, () -> new RelayContext().conclude());
        assertTrue(noSocket.getMessage().contains("listen: null"));
        final IllegalArgumentException clients = assertThrows(IllegalArgumentException.class, () -> new RelayContext()
            .listen(box.socket).guest(PortAddress.parse("ring:/tmp/x")).limit(RelayLimit.MAX_CLIENTS, 129).conclude());
        assertEquals("max-clients: 129 (allowed: 1 to 128)", clients.getMessage());
    }

    @Test
    void randomBytesFromManyClientsHarmNobody() throws Exception {
        final Random random = new Random(Seeds.next("garbage"));
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client healthy = box.connect()) {
            for (int i = 0; i < 200; i++) {
                try (Wire.Client client = box.connect()) {
                    final byte[] garbage = new byte[1 + random.nextInt(200)];
                    random.nextBytes(garbage);
                    garbage[0] |= 1;
                    client.write(garbage);
                }
            }
            box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 201);
            healthy.write(Wire.frame(healthy.id(1), 0, text("ping")));
            assertArrayEquals(Wire.frame(healthy.id(1), 0, text("ping")), guest.readFrame());
        }
    }

    @Test
    void runFailsLoudlyOnlyOnce() throws Exception {
        box.start(new RelayContext());
        box.relay().shutdown();
        box.relay().shutdown();
        assertEquals(RelayOutcome.STOPPED, box.outcome());
    }
}
