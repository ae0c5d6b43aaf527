package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fault scenarios A, framing and corruption: each method is named after its row. A6 is {@link CompatibilityTest}'s unknown types. */
@TimeLimit(seconds = 120)
class FramingFaultsTest {
    private static final int[] LENGTHS_OUT_OF_BOUNDS = {0, 1, 4, 4_194_305, 0x7fffffff, 0xffffffff};
    private static final int STEP = 33_554_431;

    @TempDir
    Path directory;
    private final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
    private RelayUnderTest box;

    @BeforeEach
    void open() throws IOException {
        box = new RelayUnderTest(directory);
    }

    @AfterEach
    void close() throws Exception {
        faults.inject(FaultSchedule.NEVER);
        box.close();
    }

    private static byte[] lengthPrefix(final int length) {
        return ByteBuffer.allocate(4).putInt(length).array();
    }

    /** By reads and writes that stop there: what was written at once is seen in two parts, at every place in turn. */
    @Test
    void a1_framesSplitAtEveryByteAreTheSame() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext().posix(EdgeKeepingCalls.over(faults))); Wire.Client client = box.connect()) {
            final byte[] frames = Wire.concat(Wire.frame(client.id(1), 2, Wire.FS_REQUEST_BODY), Wire.frame(client.id(2), 0, new byte[0]),
                Wire.frame(client.id(3), 0, text("the third")), Wire.frame(client.id(1), 1, Wire.EXITED_BODY));
            for (int i = 1; i <= frames.length; i++) {
                final Fault fault = Fault.shortCount(i);
                for (final FaultSchedule split : List.of(FaultSchedule.always(Call.READ, fault),
                    FaultSchedule.always(Call.SEND, fault).or(FaultSchedule.always(Call.WRITEV, fault)))) {
                    faults.inject(split);
                    client.write(frames);
                    assertArrayEquals(frames, guest.read(frames.length), "to the guest, split after " + i);
                    guest.write(frames);
                    assertArrayEquals(frames, client.read(frames.length), "to the client, split after " + i);
                }
            }
        }
    }

    @Test
    void a1_framesWrittenByteByByteAreTheSame() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            final byte[] frame = Wire.frame(client.id(3), 0, text("in pieces"));
            for (final byte b : frame) {
                guest.write(new byte[] {b});
            }
            assertArrayEquals(frame, client.readFrame());
            for (final byte b : frame) {
                client.write(new byte[] {b});
            }
            assertArrayEquals(frame, guest.readFrame());
        }
    }

    @Test
    void a2_completeFramesBeforeAPartialOneAreRoutedAtOnce() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            final ByteArrayOutputStream complete = new ByteArrayOutputStream();
            for (int i = 0; i < 500; i++) {
                complete.writeBytes(Wire.frame(client.id(1 + i), 0, text("frame " + i)));
            }
            final byte[] last = Wire.frame(client.id(600), 0, text("the last one, cut"));
            final byte[] chunk = Wire.concat(complete.toByteArray(), Arrays.copyOf(last, 12));
            client.write(chunk);
            assertArrayEquals(complete.toByteArray(), guest.read(complete.size()), "without the rest having come");
            box.awaitCounter(RelayCounter.FRAMES_TO_GUEST, 500);
            box.assertCount(complete.size(), RelayCounter.BYTES_TO_GUEST, "nothing of the partial one");
            client.write(Arrays.copyOfRange(last, 12, last.length));
            assertArrayEquals(last, guest.readFrame());
            guest.write(chunk);
            assertArrayEquals(complete.toByteArray(), client.read(complete.size()));
            guest.write(Arrays.copyOfRange(last, 12, last.length));
            assertArrayEquals(last, client.readFrame());
        }
    }

    @Test
    void a3_framesBehindReadyInTheSameWriteAreKept() throws Exception {
        box.start(new RelayContext());
        try (SocketChannel early = Wire.dial(box.socket); Wire.End guest = box.console.accept()) {
            box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            guest.write(Wire.concat(Wire.READY, Wire.frame(1, 0, text("right behind")), Wire.frame(2, 0, text("and more"))));
            try (Wire.End client = new Wire.End(early)) {
                client.read(4);
                client.readFrame();
                assertArrayEquals(Wire.frame(1, 0, text("right behind")), client.readFrame());
                assertArrayEquals(Wire.frame(2, 0, text("and more")), client.readFrame());
            }
        }
    }

    @Test
    void a4_lengthsOutOfBoundsCostAClientItsConnectionAndNobodyElseAnything() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client bystander = box.connect()) {
            for (final int length : LENGTHS_OUT_OF_BOUNDS) {
                try (Wire.Client client = box.connect()) {
                    final byte[] before = Wire.frame(client.id(1), 0, text("good"));
                    client.write(Wire.concat(before, lengthPrefix(length), Wire.frame(client.id(1), 0, text("behind the bad one"))));
                    assertArrayEquals(before, guest.readFrame());
                    assertTrue(client.atEnd());
                }
            }
            box.assertCount(3, RelayCounter.CLIENT_FRAMES_TOO_SHORT);
            box.assertCount(3, RelayCounter.CLIENT_FRAMES_TOO_LONG);
            for (final int bodyLength : new int[] {0, 4_194_304 - 5}) {
                final byte[] frame = Wire.frame(bystander.id(1), 0, new byte[bodyLength]);
                final CompletableFuture<Void> writing = bystander.writeLater(frame);
                assertArrayEquals(frame, guest.readFrame(), "the shortest and the longest, and nothing else came before");
                writing.get();
            }
        }
    }

    @Test
    void a4_lengthsOutOfBoundsEndTheGuestsTransport() throws Exception {
        box.start(new RelayContext());
        for (final int length : LENGTHS_OUT_OF_BOUNDS) {
            try (Wire.End guest = box.nextGuest(Wire.READY); Wire.Client client = box.connect(); Wire.Client idle = box.connect()) {
                client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
                final byte[] output = Wire.frame(client.id(1), 0, text("good"));
                guest.write(Wire.concat(output, lengthPrefix(length), Wire.frame(client.id(1), 1, Wire.EXITED_BODY), output));
                assertArrayEquals(output, client.readFrame());
                final byte[] end = client.readFrame();
                assertEquals(List.of("core.exec.failed", 1), List.of(Wire.type(end), (int) end[8]));
                assertTrue(new String(end, US_ASCII).contains("relay"), "the stage");
                assertTrue(client.atEnd() && idle.atEnd(), "nothing behind the bad length is taken for a frame");
                assertTrue(guest.atEnd());
            }
        }
        box.assertCount(LENGTHS_OUT_OF_BOUNDS.length, RelayCounter.GUEST_FRAMING_BROKEN);
        serve();
    }

    private void serve() throws Exception {
        try (Wire.End next = box.nextGuest(Wire.READY); Wire.Client client = box.connect()) {
            next.write(Wire.frame(client.id(1), 0, text("hello again")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("hello again")), client.readFrame());
        }
    }

    /** No checksum is on the wire: what a header says counts. A second parser says what each client must get. */
    @Test
    void a5_bitFlipsInTheGuestsStreamAreNeverDeliveredToAnotherThanTheirHeaderSays() throws Exception {
        final Random random = new Random(Seeds.next("bit flips"));
        box.start(new RelayContext());
        for (int round = 0; round < 60; round++) {
            try (Wire.End guest = box.nextGuest(Wire.READY); Wire.Client first = box.connect(); Wire.Client second = box.connect()) {
                final byte[] stream = stream(random, first, second);
                for (int i = random.nextInt(4); i >= 0; i--) {
                    stream[random.nextInt(stream.length)] ^= (byte) (1 << random.nextInt(8));
                }
                guest.writeLater(stream).handle((nothing, failure) -> null).get();
                guest.channel.shutdownOutput();
                final CompletableFuture<byte[]> toFirst = first.readToEndLater();
                assertArrayEquals(expected(stream, second.range()), second.readToEnd(), "round " + round);
                assertArrayEquals(expected(stream, first.range()), toFirst.get(), "round " + round);
            }
        }
        serve();
    }

    private static byte[] stream(final Random random, final Wire.Client... clients) {
        final ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < 30; i++) {
            final byte[] body = new byte[random.nextInt(i % 5 == 0 ? 9000 : 60)];
            random.nextBytes(body);
            stream.writeBytes(Wire.frame(clients[random.nextInt(clients.length)].id(1 + random.nextInt(9)), random.nextInt(4), body));
        }
        return stream.toByteArray();
    }

    /** What a client with this range gets of a guest's stream: its frames, up to the first length that is out of bounds. */
    private static byte[] expected(final byte[] stream, final int range) {
        final ByteArrayOutputStream mine = new ByteArrayOutputStream();
        final ByteBuffer input = ByteBuffer.wrap(stream);
        while (input.remaining() >= 9) {
            final int start = input.position();
            final int length = input.getInt(start);
            if (length < 5 || length > 4_194_304) {
                break;
            }
            final int end = Math.min(start + 4 + length, stream.length);
            final int id = input.getInt(start + 4);
            final boolean inGrid = id != 0 && Integer.remainderUnsigned(id, STEP) != 0;
            // Of a frame that never ends a part is forwarded once something of its body is there.
            final boolean forwarded = end == start + 4 + length || end > start + 9;
            if (inGrid && Integer.divideUnsigned(id, STEP) == range && forwarded) {
                mine.write(stream, start, end - start);
            }
            input.position(end);
        }
        return mine.toByteArray();
    }

    @Test
    void a7_bombsInPayloadsHurtNobody() throws Exception {
        final byte[] nested = new byte[1_000_000];
        Arrays.fill(nested, (byte) 0x81);
        final byte[] nestedMaps = new byte[60_000];
        Arrays.fill(nestedMaps, (byte) 0xa1);
        final HexFormat hex = HexFormat.of();
        final List<byte[]> bombs = List.of(
            nested, nestedMaps,
            hex.parseHex("bbffffffffffffffff617601"), hex.parseHex("a36176016174" + "7bffffffffffffffff" + "61"),
            hex.parseHex("a3617601" + "61747f" + "6163".repeat(10_000) + "ff" + "617040"),
            hex.parseHex("a3" + "617601".repeat(5_000)),
            hex.parseHex("bf" + "61746a636f72652e7265616479".repeat(1_000)),
            hex.parseHex("9f".repeat(30_000)), hex.parseHex("d8".repeat(30_000)));
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            int dropped = 0;
            for (final byte[] bomb : bombs) {
                // Requests are looked into for their type, the guest's control frames for what they say; neither changes what passes.
                final byte[] request = Wire.frame(client.id(1 + dropped), 2, bomb);
                final CompletableFuture<Void> writing = client.writeLater(request);
                assertArrayEquals(request, guest.readFrame());
                writing.get();
                final byte[] output = Wire.frame(client.id(1 + dropped), 1, text("alive"));
                final CompletableFuture<Void> answering = guest.writeLater(Wire.concat(Wire.frame(0, 0, bomb), output));
                assertArrayEquals(output, client.readFrame());
                answering.get();
                box.assertCount(++dropped, RelayCounter.GUEST_CONTROL_DROPPED);
            }
            box.assertCount(1, RelayCounter.GUESTS_READY, "none of them was taken for core.ready");
        }
    }

    @Test
    void a8_bytesThatAreNoTextPassUnchanged() throws Exception {
        // core.exec.request with a command and an environment that are no UTF-8.
        final byte[] body = HexFormat.of().parseHex("a3617607617471636f72652e657865632e72657175657374617055"
            + "a2" + "63636d64" + "64ff80c32e" + "63656e76" + "8166413dfffe80c0");
        try (Wire.End guest = box.startReady(new RelayContext())) {
            final byte[] request;
            try (Wire.Client client = box.connect()) {
                request = Wire.frame(client.id(1), 2, body);
                client.write(request);
                assertArrayEquals(request, guest.readFrame());
                guest.write(Wire.frame(client.id(1), 0, body));
                assertArrayEquals(Wire.frame(client.id(1), 0, body), client.readFrame());
            }
            assertEquals("core.exec.signal", Wire.type(guest.readFrame()), "it was known for the program it starts");
        }
    }

    @Test
    void a9_guestFramesForNobodyAreDroppedCountedAndNotDelivered() throws Exception {
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            final ByteArrayOutputStream nonsense = new ByteArrayOutputStream();
            for (int i = 0; i < 1000; i++) {
                nonsense.writeBytes(Wire.frame(client.idOffset + STEP * 3 + 1 + i, i % 4, text("nobody's")));
                nonsense.writeBytes(Wire.frame(STEP, 0, text("between two ranges")));
                nonsense.writeBytes(Wire.frame(-1, 1, text("out of the grid")));
                nonsense.writeBytes(Wire.frame(0, 0, text("not even CBOR")));
            }
            final byte[] mine = Wire.frame(client.id(1), 0, text("mine"));
            final CompletableFuture<Void> writing = guest.writeLater(Wire.concat(nonsense.toByteArray(), mine));
            assertArrayEquals(mine, client.readFrame());
            writing.get();
            box.assertCount(3000, RelayCounter.GUEST_FRAMES_FOR_NOBODY);
            box.assertCount(1000, RelayCounter.GUEST_CONTROL_DROPPED);
            assertTrue(log.linesWith("").size() < 50, "no flood of lines");
        }
    }

    @Test
    void a10_sessionsEndOnce() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect(); Wire.Client other = box.connect()) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            client.write(Wire.frame(client.id(2), 2, Wire.FS_REQUEST_BODY));
            guest.readFrame();
            guest.readFrame();
            final byte[] exited = Wire.frame(client.id(1), 1, Wire.EXITED_BODY);
            guest.write(Wire.concat(exited, exited, Wire.frame(client.id(1), 0, text("late")), Wire.frame(other.id(1), 1, text("never"))));
            assertArrayEquals(exited, client.readFrame());
            other.readFrame();
            box.assertCount(1, RelayCounter.SESSIONS_ENDED, "the first counts");
            guest.channel.close();
            final byte[] rest = client.readToEnd();
            final byte[] repeated = Wire.concat(exited, Wire.frame(client.id(1), 0, text("late")));
            assertArrayEquals(repeated, Arrays.copyOf(rest, repeated.length), "what the guest repeats is the client's to judge");
            final byte[] own = Arrays.copyOfRange(rest, repeated.length, rest.length);
            assertEquals(List.of("core.fs.response", client.id(2)), List.of(Wire.type(own), Wire.id(own)));
            assertEquals(own.length, 4 + ByteBuffer.wrap(own).getInt(), "and nothing for the session that had ended");
            assertTrue(other.atEnd());
            box.assertCount(1, RelayCounter.SESSIONS_FAILED);
        }
    }
}
