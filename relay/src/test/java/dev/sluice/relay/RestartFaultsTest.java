package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.port.PortAddress;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Fault scenarios G, what a relay finds when it starts and leaves when it ends: each method is named after its row. Relays that are killed
 * are processes, see the system tests' KillTest; UnixListenerTest has the rules for paths one by one.
 */
class RestartFaultsTest extends RelayFixture {
    private static final byte[] EMPTY = {};

    private void assertServes(final Wire.End guest) throws IOException {
        try (Wire.Client client = box.connect()) {
            guest.write(Wire.frame(client.id(1), 0, text("served")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("served")), client.readFrame());
        }
    }

    /** Binds and forgets, as a relay that is killed does. */
    private static void leaveSocket(final Path path) throws IOException {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path)).close();
        assertTrue(Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void g1_whateverADeadRelayLeftBehindTheNextOneStarts() throws Exception {
        final Path temporary = Path.of(box.socket + "~");
        final Path lock = Path.of(box.socket + ".lock");
        for (int left = 0; left < 8; left++) {
            if ((left & 1) != 0) {
                Files.write(lock, left % 4 == 1 ? text(ProcessHandle.current().pid() + "\n") : EMPTY);
            }
            if ((left & 2) != 0) {
                leaveSocket(temporary);
            }
            if ((left & 4) != 0) {
                leaveSocket(box.socket);
            }
            try (Wire.End guest = box.startReady(new RelayContext())) {
                assertServes(guest);
                assertTrue(Files.notExists(temporary));
            }
            box.stop();
            assertTrue(Files.notExists(box.socket));
        }
    }

    private IOException assertRefused(final RelayContext context) {
        return assertThrows(IOException.class, () -> Relay.open(
            context.guest(PortAddress.parse("unix:" + directory.resolve("console.sock")))));
    }

    @Test
    void g3_secondRelayIsRefusedAndTheFirstNotDisturbed() throws Exception {
        final Path other = directory.resolve("other.sock");
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            for (final RelayContext context : List.of(new RelayContext().listen(box.socket),
                new RelayContext().listen(other).listen(box.rangeSocket))) {
                final String message = assertRefused(context).getMessage();
                assertTrue(message.contains("in use by process " + ProcessHandle.current().pid()), message);
            }
            assertTrue(Files.notExists(other), "what the second had opened before it was refused is gone");
            client.write(Wire.frame(client.id(1), 0, text("undisturbed")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("undisturbed")), guest.readFrame());
            assertServes(guest);
        }
        box.stop();
        try (Wire.End guest = box.startReady(new RelayContext())) {
            assertServes(guest);
        }
    }

    @Test
    void g4_whatIsNoSocketOfOursIsLeftAlone() throws Exception {
        final Path target = Files.writeString(directory.resolve("precious"), "precious");
        for (final String suffix : List.of("", "~")) {
            final Path path = Path.of(box.socket + suffix);
            Files.writeString(path, "a file");
            assertTrue(assertRefused(new RelayContext().listen(box.socket)).getMessage().contains("left alone"));
            assertEquals("a file", Files.readString(path));
            Files.delete(path);
            Files.createSymbolicLink(path, target);
            assertRefused(new RelayContext().listen(box.socket));
            assertTrue(Files.isSymbolicLink(path));
            Files.delete(path);
            Files.createSymbolicLink(path, directory.resolve("nothing there"));
            assertRefused(new RelayContext().listen(box.socket));
            assertTrue(Files.isSymbolicLink(path) && Files.notExists(directory.resolve("nothing there")));
            Files.delete(path);
            Files.createDirectory(path);
            assertRefused(new RelayContext().listen(box.socket));
            assertTrue(Files.isDirectory(path));
            Files.delete(path);
        }
        final Path lock = Path.of(box.socket + ".lock");
        Files.delete(lock);
        Files.createSymbolicLink(lock, target);
        assertRefused(new RelayContext().listen(box.socket));
        assertEquals("precious", Files.readString(target));
        Files.delete(lock);
        try (Wire.End guest = box.startReady(new RelayContext())) {
            assertServes(guest);
        }
    }

    @Test
    void g4_socketOfAnotherUserIsLeftAlone() throws Exception {
        assumeTrue((Integer) Files.getAttribute(directory, "unix:uid") == 0, "needs root to give a file away");
        leaveSocket(box.socket);
        Files.setAttribute(box.socket, "unix:uid", 54_321);
        assertTrue(assertRefused(new RelayContext().listen(box.socket)).getMessage().contains("uid=54321"));
        assertTrue(Files.exists(box.socket));
        Files.delete(box.socket);
    }

    @Test
    void g4_whatTookTheSocketsPlaceIsLeftAloneAtTheEnd() throws Exception {
        final Path elsewhere = directory.resolve("elsewhere");
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            Files.move(box.socket, elsewhere);
            leaveSocket(box.socket);
            assertTrue(guest.channel.isOpen() && client.channel.isOpen());
        }
        box.stop();
        assertTrue(Files.exists(box.socket) && Files.exists(elsewhere));
        Files.delete(box.socket);
    }

    @Test
    void g5_endUnderLoadTellsEverybodyInTime() throws Exception {
        final List<Wire.Client> clients = new ArrayList<>();
        final List<CompletableFuture<byte[]>> outputs = new ArrayList<>();
        final AtomicBoolean ended = new AtomicBoolean();
        final RelayContext context = new RelayContext().limit(RelayLimit.DRAIN_DEADLINE, Duration.ofSeconds(5));
        try (Wire.End guest = box.startReady(context)) {
            for (int i = 0; i < 16; i++) {
                final Wire.Client client = box.connect();
                clients.add(client);
                client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
                outputs.add(client.readToEndLater());
            }
            final CompletableFuture<Void> flooding = CompletableFuture.runAsync(() -> flood(guest, clients, ended), Wire.THREADS);
            box.awaitCounter(RelayCounter.FRAMES_TO_CLIENTS, 1000);
            final long orderedNs = System.nanoTime();
            box.relay().shutdown();
            int told = 0;
            for (int i = 0; i < clients.size(); i++) {
                told += assertWholeFramesThenOneEnd(outputs.get(i).get(), clients.get(i).id(1));
            }
            assertTrue(told >= clients.size() - 1, "all but one that was inside a frame: " + told);
            assertEquals(RelayOutcome.STOPPED, box.outcome());
            assertTrue(System.nanoTime() - orderedNs < Duration.ofSeconds(15).toNanos());
            box.stop();
            ended.set(true);
            flooding.handle((nothing, failure) -> null).get();
            assertTrue(Files.notExists(box.socket) && Files.notExists(box.rangeSocket));
        } finally {
            ended.set(true);
            for (final Wire.Client client : clients) {
                client.close();
            }
        }
    }

    private static void flood(final Wire.End guest, final List<Wire.Client> clients, final AtomicBoolean ended) {
        try {
            for (int i = 0; !ended.get(); i++) {
                final Wire.Client client = clients.get(i % clients.size());
                guest.write(Wire.frame(client.id(1), 0, new byte[i * 37 % 9000]));
            }
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** {@return 1, or 0 when the stream ends inside a frame} */
    private static int assertWholeFramesThenOneEnd(final byte[] stream, final int id) throws IOException {
        final DataInputStream input = new DataInputStream(new ByteArrayInputStream(stream));
        while (input.available() > 0) {
            final int length = input.readInt();
            if (input.available() < length) {
                return 0;
            }
            final byte[] frame = Wire.concat(ByteBuffer.allocate(4).putInt(length).array(), input.readNBytes(length));
            assertEquals(id, Wire.id(frame));
            if (frame[8] == 1) {
                assertEquals("core.exec.failed", Wire.type(frame));
                assertEquals(0, input.available(), "nothing behind the end");
                return 1;
            }
        }
        throw new AssertionError("a session that was not ended");
    }

    /** Its client takes nothing and so is closed at the deadline only; the guest hears of its program all the same. */
    @Test
    void g5_programsOfClientsThatDoNotDrainAreEndedToo() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.DRAIN_DEADLINE, Duration.ofMillis(200)));
            Wire.Client client = box.connect()) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            guest.write(Wire.frame(client.id(1), 0, new byte[900_000]));
            box.awaitCounter(RelayCounter.BYTES_TO_CLIENTS, 900_000);
            box.relay().shutdown();
            assertEquals("core.exec.signal", Wire.type(guest.readFrame()));
            assertEquals(RelayOutcome.STOPPED, box.outcome());
        }
    }

    @Test
    void g7_cleanerThatRemovesTheSocketHurtsNobodyWhoIsConnected() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            Files.delete(box.socket);
            assertThrows(IOException.class, box::connect, "a clear error");
            client.write(Wire.frame(client.id(1), 0, text("connected")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("connected")), guest.readFrame());
        }
        box.stop();
        try (Wire.End guest = box.startReady(new RelayContext())) {
            assertServes(guest);
        }
    }

    @Test
    void g7_socketThatACleanerRemovedIsMadeAgain() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.SOCKET_CHECK_INTERVAL, Duration.ofMillis(10)));
            Wire.Client before = box.connect()) {
            for (int i = 1; i <= 3; i++) {
                Files.delete(box.socket);
                Files.deleteIfExists(Path.of(box.socket + ".lock"));
                box.awaitCounter(RelayCounter.LISTENERS_RESTORED, i);
                assertServes(guest);
                assertTrue(assertRefused(new RelayContext().listen(box.socket)).getMessage().contains("in use by process"));
            }
            before.write(Wire.frame(before.id(1), 0, text("here all the time")));
            assertArrayEquals(Wire.frame(before.id(1), 0, text("here all the time")), guest.readFrame());
            box.assertCount(3, RelayCounter.LISTENERS_RESTORED);
        }
    }

    @Test
    void g7_theGuestsSocketThatACleanerRemovedIsMadeAgain() throws Exception {
        final Path ring = directory.resolve("ring");
        try (RingGuest guest = box.startRing(new RelayContext().limit(RelayLimit.SOCKET_CHECK_INTERVAL, Duration.ofMillis(10)));
            Wire.Client client = box.connect()) {
            Files.delete(ring);
            client.write(Wire.frame(client.id(1), 0, text("connected")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("connected")), guest.readFrame());
        }
        box.awaitCounter(RelayCounter.LISTENERS_RESTORED, 1);
        Files.delete(ring);
        box.awaitCounter(RelayCounter.LISTENERS_RESTORED, 2);
        try (RingGuest next = box.nextRingGuest(); Wire.Client client = box.connect()) {
            client.write(Wire.frame(client.id(1), 0, text("again")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("again")), next.readFrame());
        }
        box.assertCount(2, RelayCounter.LISTENERS_RESTORED);
    }

    @Test
    void g7_whatWasPutInThePlaceOfASocketIsLeftAlone() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.SOCKET_CHECK_INTERVAL, Duration.ofMillis(10)))) {
            final Path moved = directory.resolve("precious");
            Files.writeString(moved, "precious");
            Files.move(moved, box.socket, StandardCopyOption.REPLACE_EXISTING);
            Files.delete(box.rangeSocket);
            box.awaitCounter(RelayCounter.LISTENERS_RESTORED, 1);
            assertEquals("precious", Files.readString(box.socket));
            Files.delete(box.socket);
            box.awaitCounter(RelayCounter.LISTENERS_RESTORED, 2);
            assertServes(guest);
        }
    }

    @Test
    void g7_cleanerThatRemovesTheLockDoesNotLetASecondRelayIn() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext())) {
            Files.delete(Path.of(box.socket + ".lock"));
            assertTrue(assertRefused(new RelayContext().listen(box.socket)).getMessage().contains("in use"));
            assertServes(guest);
        }
    }

    @Test
    void g7_lockFilesOfAnEarlierBootMeanNothing() throws Exception {
        Files.write(Path.of(box.socket + ".lock"), text("1\n"));
        // What a loss of power may leave of a process id.
        Files.write(Path.of(box.rangeSocket + ".lock"), new byte[6]);
        leaveSocket(box.socket);
        try (Wire.End guest = box.startReady(new RelayContext())) {
            assertServes(guest);
        }
    }
}
