package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.GuestEnv;
import dev.sluice.testsupport.Seeds;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients and guests of every generation get from a relay, byte for byte. */
class CompatibilityTest extends RelayFixture {
    private static final int STEP = 33_554_431;
    /** core.init.resolved for 1000:1000, core.init.ack, core.clock.sync and core.bootstrap of generation 7, as its vectors print them. */
    private static final byte[] INIT_RESOLVED = HexFormat.of().parseHex("0000003f0000000000a3617607617472636f72652e696e69742e7265736f6c"
        + "7665646170581da16c64656661756c745f75736572a2637569641903e8636769641903e8");
    private static final byte[] INIT_ACK = HexFormat.of().parseHex("0000001d0000000000a361760761746d636f72652e696e69742e61636b617041a0");
    private static final long UNIX_TIME_NS = 1_700_000_000_123_456_789L;
    private static final byte[] CLOCK_SYNC = HexFormat.of().parseHex("000000390000000000a361760761746f636f72652e636c6f636b2e73796e63"
        + "6170581aa16f756e69785f74696d655f6e616e6f731b17979cfe3d85cd15");
    private static final byte[] BOOTSTRAP = HexFormat.of().parseHex("000000380000000000a361760761746e636f72652e626f6f747374726170"
        + "6170581aa17073656375726974795f70726f66696c656764656661756c74");
    private static final byte[] SLOT_0_DISCONNECTED = HexFormat.of().parseHex("000000500000000000a36176076174781e636f72652e72656c61792e636c"
        + "69656e742e646973636f6e6e656374656461705821a26869645f7374617274017069645f656e645f6578636c75736976651a01ffffff");
    private static final byte[] SLOT_1_DISCONNECTED = HexFormat.of().parseHex("000000540000000000a36176076174781e636f72652e72656c61792e636c"
        + "69656e742e646973636f6e6e656374656461705825a26869645f73746172741a020000007069645f656e645f6578636c75736976651a03fffffe");
    private static final String KILL_BODY = "a361760761"
        + "7470636f72652e657865632e7369676e616c617049a1667369676e616c09";
    private static final String TCP_CONNECT_BODY = "a3617607617470636f72652e7463702e636f6e6e656374"
        + "61705818a264686f7374693132372e302e302e3164706f7274192328";

    private static RelayContext withoutClock() {
        return new RelayContext().limit(RelayLimit.CLOCK_SYNC_INTERVAL, 0);
    }

    @Test
    void bothHandshakesGiveOutTheRangesOfOneGrid() throws Exception {
        final List<Wire.End> clients = new ArrayList<>();
        final Set<Integer> ranges = new HashSet<>();
        try (Wire.End guest = box.startReady(withoutClock(), Wire.ready(7))) {
            for (int i = 0; i < 128; i++) {
                final byte[] hello = Wire.frame(i * STEP + 1, 0x40, text("first id of " + i));
                if (i % 3 == 0) {
                    final Wire.Client client = box.connect();
                    clients.add(client);
                    assertEquals(i * STEP, client.idOffset);
                    assertArrayEquals(Wire.ready(7), client.ready);
                    ranges.add(client.range());
                } else {
                    final Wire.RangeClient client = Wire.RangeClient.connect(box.rangeSocket);
                    clients.add(client);
                    assertEquals(i * STEP + 1, client.idStart);
                    assertEquals(i * STEP + STEP, client.idEndExclusive);
                    assertArrayEquals(Wire.ready(7), client.ready);
                    ranges.add(client.range());
                }
                clients.get(i).write(hello);
                assertArrayEquals(hello, guest.readFrame());
                final byte[] last = Wire.frame(i * STEP + STEP - 1, 0, text("last id of " + i));
                guest.write(last);
                assertArrayEquals(last, clients.get(i).readFrame());
            }
            assertEquals(128, ranges.size());
            for (final Path path : List.of(box.socket, box.rangeSocket)) {
                try (SocketChannel beyond = Wire.dial(path)) {
                    assertEquals(-1, beyond.read(ByteBuffer.allocate(1)));
                }
            }
            box.assertCount(2, RelayCounter.CLIENTS_REFUSED_FULL);
        } finally {
            for (final Wire.End client : clients) {
                client.close();
            }
        }
    }

    @Test
    void handshakesAreTheOnesOfTheDescriptionBitForBit() throws Exception {
        try (Wire.End guest = box.startReady(withoutClock());
            Wire.Client first = box.connect(); Wire.Client second = box.connect();
            Wire.End third = new Wire.End(Wire.dial(box.rangeSocket))) {
            assertTrue(first.range() == 0 && second.range() == 1 && guest.channel.isOpen());
            assertArrayEquals(Wire.concat(HexFormat.of().parseHex("03ffffff05fffffd"), Wire.READY), third.read(8 + Wire.READY.length));
            try (Wire.End fourth = new Wire.End(Wire.dial(box.socket))) {
                assertArrayEquals(Wire.concat(HexFormat.of().parseHex("05fffffd"), Wire.READY), fourth.read(4 + Wire.READY.length));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void guestThatHasResolvedItsUserIsAcknowledgedBeforeItIsReady(final int generation) throws Exception {
        box.start(withoutClock());
        try (SocketChannel early = Wire.dial(box.rangeSocket); Wire.End guest = box.console.accept()) {
            box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            guest.write(Wire.inGeneration(generation, INIT_RESOLVED));
            assertArrayEquals(INIT_ACK, guest.readFrame());
            guest.write(Wire.ready(generation));
            try (Wire.End client = new Wire.End(early)) {
                assertArrayEquals(Wire.concat(HexFormat.of().parseHex("0000000101ffffff"), Wire.ready(generation)),
                    client.read(8 + Wire.READY.length));
                client.write(Wire.frame(1, 0, text("hello")));
                assertArrayEquals(Wire.frame(1, 0, text("hello")), guest.readFrame(), "and nothing was said before");
                // One that asks again is answered again.
                guest.write(Wire.inGeneration(generation, INIT_RESOLVED));
                assertArrayEquals(INIT_ACK, guest.readFrame());
            }
        }
    }

    @Test
    void bootstrapIsTheFirstThingThatEachNewPortIsTold() throws Exception {
        box.start(withoutClock().bootstrap(GuestBootstrap.builder().build()));
        for (int i = 0; i < 3; i++) {
            try (Wire.End guest = box.console.accept()) {
                assertArrayEquals(BOOTSTRAP, guest.readFrame());
                guest.write(INIT_RESOLVED);
                assertArrayEquals(INIT_ACK, guest.readFrame());
                guest.write(Wire.ready(7));
                try (Wire.Client client = box.connect()) {
                    client.write(Wire.frame(client.id(1), 0, text("after the bootstrap")));
                    assertArrayEquals(Wire.frame(client.id(1), 0, text("after the bootstrap")), guest.readFrame());
                }
            }
            box.awaitCounter(RelayCounter.GUESTS_LOST, i + 1);
        }
    }

    @Test
    void longBootstrapReachesAGuestThatReadsOneByteAtATimeWhole() throws Exception {
        final Random random = new Random(Seeds.next("bootstrap"));
        final List<GuestEnv> env = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            env.add(new GuestEnv(ByteString.of("KEY" + i), ByteString.of("v".repeat(60_000 + random.nextInt(5000)))));
        }
        final GuestBootstrap bootstrap = GuestBootstrap.builder().hostname("box").defaultEnv(env).build();
        final byte[] expected = Frames.encode(7, 0, bootstrap);
        box.start(withoutClock().bootstrap(bootstrap));
        try (Wire.End guest = box.console.accept()) {
            // More than the port takes at once, and what is owed comes behind all of it.
            guest.write(INIT_RESOLVED);
            final byte[] read = new byte[expected.length + INIT_ACK.length];
            for (int i = 0; i < read.length; i++) {
                read[i] = guest.read(1)[0];
            }
            assertArrayEquals(Wire.concat(expected, INIT_ACK), read);
            guest.write(Wire.ready(7));
            box.awaitCounter(RelayCounter.GUESTS_READY, 1);
        }
    }

    @Test
    void bootstrapThatGoesOutInSingleBytesIsNotInterrupted() throws Exception {
        final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
        faults.inject(FaultSchedule.always(Call.SEND, Fault.shortCount(1)));
        box.start(withoutClock().posix(new Posix(faults)).bootstrap(GuestBootstrap.builder().build()));
        try (Wire.End guest = box.console.accept()) {
            guest.write(Wire.concat(INIT_RESOLVED, Wire.ready(7)));
            try (Wire.Client client = box.connect()) {
                client.write(Wire.frame(client.id(1), 0, text("hello")));
                assertArrayEquals(BOOTSTRAP, guest.readFrame());
                assertArrayEquals(INIT_ACK, guest.readFrame());
                assertArrayEquals(Wire.frame(client.id(1), 0, text("hello")), guest.readFrame());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void execSessionsOfAClientThatLeftAreKilledThenTheGuestIsToldIfItKnowsThat(final int generation) throws Exception {
        try (Wire.End guest = box.startReady(withoutClock(), Wire.ready(generation)); Wire.Client bystander = box.connect()) {
            try (Wire.RangeClient client = Wire.RangeClient.connect(box.rangeSocket)) {
                assertEquals(1, client.range());
                client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
                client.write(Wire.frame(client.id(2), 2, Wire.FS_REQUEST_BODY));
                client.write(Wire.frame(client.id(3), 2, TCP_CONNECT_BODY));
                client.write(Wire.frame(client.id(4), 2, text("some kind of session that nobody knows yet")));
                client.write(Wire.frame(client.id(5), 2, Wire.EXEC_REQUEST_BODY));
                client.write(Wire.frame(client.id(6), 2, Wire.EXEC_REQUEST_BODY));
                for (int i = 0; i < 6; i++) {
                    guest.readFrame();
                }
                guest.write(Wire.frame(client.id(5), 1, Wire.EXITED_BODY));
                assertArrayEquals(Wire.frame(client.id(5), 1, Wire.EXITED_BODY), client.readFrame());
            }
            final Set<String> kills = new HashSet<>();
            kills.add(HexFormat.of().formatHex(guest.readFrame()));
            kills.add(HexFormat.of().formatHex(guest.readFrame()));
            final Set<String> expected = new HashSet<>();
            for (final int id : new int[] {1, 6}) {
                expected.add(HexFormat.of().formatHex(
                    Wire.inGeneration(generation, Wire.frame(STEP + id, 0, KILL_BODY))));
            }
            assertEquals(expected, kills, "those that run, and no others");
            if (generation >= 2) {
                assertArrayEquals(Wire.inGeneration(generation, SLOT_1_DISCONNECTED), guest.readFrame());
            }
            bystander.write(Wire.frame(bystander.id(1), 0, text("still here")));
            assertArrayEquals(Wire.frame(bystander.id(1), 0, text("still here")), guest.readFrame(), "nothing else was said");
            box.assertCount(2, RelayCounter.SESSIONS_KILLED);
        }
    }

    @Test
    void clientsThatNeverSentAnythingLeaveUnmentioned() throws Exception {
        try (Wire.End guest = box.startReady(withoutClock(), Wire.ready(7))) {
            for (int i = 0; i < 10; i++) {
                box.connect().close();
            }
            try (Wire.Client client = box.connect()) {
                client.write(Wire.frame(client.id(1), 0, text("hello")));
                assertArrayEquals(Wire.frame(client.id(1), 0, text("hello")), guest.readFrame());
            }
        }
    }

    @Test
    void guestIsToldThatAClientLeftBeforeTheNextOneWithItsRangeSpeaks() throws Exception {
        final List<Wire.End> others = new ArrayList<>();
        final RelayContext context = withoutClock().limit(RelayLimit.HEAD_OF_LINE_LIMIT, Duration.ofMillis(90));
        try (Wire.End guest = box.startReady(context, Wire.ready(7)); Wire.Client first = box.connect();
            Wire.Client flooder = box.connect()) {
            assertEquals(0, first.range());
            for (int i = 2; i < 128; i++) {
                others.add(box.connect());
            }
            final byte[] request = Wire.frame(first.id(1), 2, Wire.EXEC_REQUEST_BODY);
            first.write(request);
            assertArrayEquals(request, guest.readFrame());
            // From here on the guest takes nothing: everything waits for it that is said below.
            final CompletableFuture<Void> flooding = flooder.writeLater(Wire.frame(flooder.id(1), 0, new byte[2_000_000]));
            box.awaitCounter(RelayCounter.BYTES_TO_GUEST, request.length + 1);
            // The only free range will be that of a client that is evicted now, once its session has ended.
            final CompletableFuture<Void> output = guest.writeLater(Wire.concat(
                Wire.frame(first.id(1), 0, new byte[3_000_000]), Wire.frame(first.id(1), 1, Wire.EXITED_BODY)));
            box.awaitCounter(RelayCounter.CLIENTS_EVICTED_SLOW, 1);
            try (Wire.Client successor = box.connect()) {
                assertEquals(0, successor.range());
                successor.write(request);
                assertEquals(flooder.id(1), Wire.id(guest.readFrame()));
                assertArrayEquals(SLOT_0_DISCONNECTED, guest.readFrame());
                assertArrayEquals(request, guest.readFrame(), "the same id, of another client");
            }
            flooding.get();
            output.get();
        } finally {
            for (final Wire.End other : others) {
                other.close();
            }
        }
    }

    @Test
    void timeIsToldRightAfterReadyAndAtEveryInterval() throws Exception {
        final long intervalNs = Duration.ofMillis(40).toNanos();
        final RelayContext context = new RelayContext().limit(RelayLimit.CLOCK_SYNC_INTERVAL, intervalNs).wallClock(() -> UNIX_TIME_NS);
        final long startedNs = System.nanoTime();
        try (Wire.End guest = box.startReady(context, Wire.ready(7))) {
            for (int i = 0; i < 4; i++) {
                assertArrayEquals(CLOCK_SYNC, guest.readFrame());
            }
            assertTrue(System.nanoTime() - startedNs >= 3 * intervalNs);
        }
        try (Wire.End next = box.nextGuest(Wire.ready(3))) {
            assertArrayEquals(Wire.inGeneration(3, CLOCK_SYNC), next.readFrame());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void timeIsToldToGuestsThatKnowWhatThatMeans(final int generation) throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.CLOCK_SYNC_INTERVAL, Duration.ofHours(1))
            .wallClock(() -> UNIX_TIME_NS);
        try (Wire.End guest = box.startReady(context, Wire.ready(generation)); Wire.Client client = box.connect()) {
            client.write(Wire.frame(client.id(1), 0, text("hello")));
            if (generation >= 3) {
                assertArrayEquals(Wire.inGeneration(generation, CLOCK_SYNC), guest.readFrame());
            }
            assertArrayEquals(Wire.frame(client.id(1), 0, text("hello")), guest.readFrame());
        }
    }

    @Test
    void a6_unknownTypesGenerationsAndFlagsPassBothWays() throws Exception {
        try (Wire.End guest = box.startReady(withoutClock(), Wire.ready(7)); Wire.Client client = box.connect()) {
            for (int flags = 0; flags < 256; flags++) {
                final byte[] frame = Wire.inGeneration(flags, Wire.frame(client.id(1 + flags), flags,
                    HexFormat.of().parseHex("a3617609617473636f72652e776f726b6c6f61642e667265657a65617041a0")));
                guest.write(frame);
                assertArrayEquals(frame, client.readFrame());
                if ((flags & 4) == 0) {
                    client.write(frame);
                    assertArrayEquals(frame, guest.readFrame());
                }
                final byte[] noMap = Wire.frame(client.id(1 + flags), flags & ~4, new byte[] {(byte) flags, (byte) 0xff});
                client.write(noMap);
                assertArrayEquals(noMap, guest.readFrame());
                guest.write(noMap);
                assertArrayEquals(noMap, client.readFrame());
            }
        }
    }

    @Test
    void readyReachesClientsByteForByteHoweverItWasWritten() throws Exception {
        final Random random = new Random(Seeds.next("ready"));
        final byte[] padding = new byte[60_000];
        random.nextBytes(padding);
        final List<byte[]> readies = List.of(
            Wire.ready(9),
            Wire.ready(0),
            // Other order of keys, indefinite length, flags that mean nothing here.
            Wire.frame(0, 0x80, HexFormat.of().parseHex("bf61746a636f72652e72656164796170" + "41a0" + "617618c8" + "ff")),
            // A key that no peer of today knows, and a long one.
            Wire.frame(0, 0, Wire.concat(HexFormat.of().parseHex("a461760761746a636f72652e7265616479617041a0" + "617859ea60"), padding)));
        box.start(withoutClock());
        for (final byte[] ready : readies) {
            try (Wire.End guest = box.nextGuest(ready); Wire.Client client = box.connect();
                Wire.RangeClient other = Wire.RangeClient.connect(box.rangeSocket)) {
                assertArrayEquals(ready, client.ready);
                assertArrayEquals(ready, other.ready);
                guest.write(Wire.frame(client.id(1), 0, text("behind it")));
                assertArrayEquals(Wire.frame(client.id(1), 0, text("behind it")), client.readFrame());
            }
        }
    }
}
