package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.port.Port;
import dev.sluice.port.PortSource;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.ring.RingDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fault scenarios D and E, crashes of guests and hostile rings: each method is named after its row. */
class GuestFaultsTest extends RelayFixture {
    private static final String TCP_CONNECT_BODY = "a3617607617472636f72652e7463702e636f6e6e656374"
        + "61705818a264686f7374693132372e302e302e3164706f7274192328";
    private static final int CORE_ERROR_GENERATION = 5;
    private static final int CAPACITY = RingDescriptor.DEFAULT_CAPACITY;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private final JumpingClock clock = new JumpingClock();

    private void serveNext() throws Exception {
        try (Wire.End next = box.nextGuest(Wire.READY); Wire.Client client = box.connect()) {
            next.write(Wire.frame(client.id(1), 0, text("hello again")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("hello again")), client.readFrame());
            client.write(Wire.frame(client.id(1), 0, text("hello to you")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("hello to you")), next.readFrame(), "the first that it hears");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 6, 7})
    void d1_everyOpenSessionIsToldOnceInWordsItsClientKnows(final int generation) throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.CLOCK_SYNC_INTERVAL, 0);
        try (Wire.End guest = box.startReady(context, Wire.ready(generation)); Wire.Client client = box.connect();
            Wire.Client idle = box.connect()) {
            client.write(Wire.concat(
                Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY), Wire.frame(client.id(2), 2, Wire.FS_REQUEST_BODY),
                Wire.frame(client.id(3), 2, TCP_CONNECT_BODY), Wire.frame(client.id(4), 2, text("who knows")),
                Wire.frame(client.id(5), 2, Wire.EXEC_REQUEST_BODY)));
            for (int i = 0; i < 5; i++) {
                guest.readFrame();
            }
            final byte[] exited = Wire.frame(client.id(5), 1, Wire.EXITED_BODY);
            guest.write(exited);
            assertArrayEquals(exited, client.readFrame());
            final long diedNs = System.nanoTime();
            guest.channel.close();
            final String[] types = new String[6];
            final int told = generation >= CORE_ERROR_GENERATION ? 4 : 2;
            for (int i = 0; i < told; i++) {
                final byte[] end = client.readFrame();
                final int session = Wire.id(end) - client.idOffset;
                assertEquals(null, types[session], "told once");
                types[session] = Wire.type(end);
                assertEquals(List.of(1, generation), List.of((int) end[8], (int) end[12]), "a terminal frame of the guest's generation");
                assertTrue(new String(end, US_ASCII).contains("sandbox connection lost"));
            }
            assertTrue(client.atEnd() && idle.atEnd());
            assertTrue(System.nanoTime() - diedNs < Duration.ofSeconds(5).toNanos());
            assertEquals(List.of("core.exec.failed", "core.fs.response"), Arrays.asList(types).subList(1, 3));
            assertEquals(told == 4 ? List.of("core.error", "core.error") : Arrays.asList(null, null), Arrays.asList(types).subList(3, 5));
        }
        serveNext();
    }

    @Test
    void d1_clientInsideAForwardedFrameSeesItsPartAndTheEndAndNothingElse() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client inside = box.connect(); Wire.Client other = box.connect()) {
            inside.write(Wire.frame(inside.id(1), 2, Wire.EXEC_REQUEST_BODY));
            other.write(Wire.frame(other.id(1), 2, Wire.FS_REQUEST_BODY));
            guest.readFrame();
            guest.readFrame();
            final byte[] cut = Arrays.copyOf(Wire.frame(inside.id(1), 0, new byte[10_000]), 6_000);
            guest.write(cut);
            guest.channel.close();
            assertArrayEquals(cut, inside.readToEnd());
            assertEquals("core.fs.response", Wire.type(other.readFrame()));
            assertTrue(other.atEnd());
        }
    }

    /** It has not read what it was sent, so that its end is a reset, and the relay may find that out by writing. */
    @Test
    void d1_lastWordsOfAGuestReachTheirClients() throws Exception {
        box.start(new RelayContext());
        for (int round = 0; round < 60; round++) {
            try (Wire.End guest = box.nextGuest(Wire.READY); Wire.Client running = box.connect(); Wire.Client writing = box.connect()) {
                running.write(Wire.frame(running.id(1), 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
                final CompletableFuture<Void> input = writing.writeLater(Wire.frame(writing.id(1), 0, new byte[100_000 + 10_000 * round]));
                final byte[] lastWords = Wire.concat(Wire.frame(running.id(1), 0, new byte[10 + 1000 * round]),
                    Wire.frame(running.id(1), 1, Wire.EXITED_BODY));
                guest.write(lastWords);
                guest.channel.close();
                assertArrayEquals(lastWords, running.readToEnd(), "round " + round);
                input.handle((nothing, failure) -> null).get();
            }
        }
    }

    @Test
    void d2_restartedAgentAtTheSamePortIsANewGuest() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect(); Wire.Client idle = box.connect()) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            guest.write(Wire.concat(Wire.ready(7), Wire.frame(client.id(1), 0, text("of the new guest")),
                Wire.frame(idle.id(1), 0, text("of the new guest"))));
            final byte[] end = client.readFrame();
            assertEquals(List.of("core.exec.failed", (byte) 1), List.of(Wire.type(end), end[12]), "in the old guest's generation");
            assertTrue(client.atEnd() && idle.atEnd(), "nothing of the new guest reaches a client of the old");
            assertEquals("core.exec.signal", Wire.type(guest.readFrame()), "the new one may have read the request");
            try (Wire.Client again = box.connect()) {
                assertArrayEquals(Wire.ready(7), again.ready);
                guest.write(Wire.frame(again.id(1), 0, text("hello")));
                assertArrayEquals(Wire.frame(again.id(1), 0, text("hello")), again.readFrame());
            }
        }
    }

    @Test
    void d2_requestThatTheNewAgentReadsIsKilledThere() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            final byte[] request = Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY);
            client.write(request);
            box.awaitCounter(RelayCounter.FRAMES_TO_GUEST, 1);
            // The first agent dies with the request unread; the second reads it.
            guest.write(Wire.READY);
            assertArrayEquals(request, guest.readFrame());
            final byte[] kill = guest.readFrame();
            assertEquals(List.of("core.exec.signal", client.id(1)), List.of(Wire.type(kill), Wire.id(kill)));
        }
    }

    @Test
    void d2_nextGuestOfARingHearsAndSaysNothingOfTheFirst() throws Exception {
        RingGuest guest = box.startRing(new RelayContext());
        for (int i = 0; i < 10; i++) {
            try (Wire.Client client = box.connect(); Wire.Client cut = box.connect()) {
                client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
                // Dies with frames unread in one direction and a frame half written in the other.
                client.write(Wire.frame(client.id(1), 0, new byte[20_000]));
                box.awaitCounter(RelayCounter.FRAMES_TO_GUEST, 3 * i + 2);
                final byte[] part = Arrays.copyOf(Wire.frame(cut.id(1), 0, new byte[50_000]), 20_000 + i);
                guest.write(part);
                guest.close();
                assertEquals("core.exec.failed", Wire.type(client.readFrame()));
                assertTrue(client.atEnd());
                assertArrayEquals(part, cut.readToEnd());
            }
            guest = box.nextRingGuest();
            try (Wire.Client client = box.connect()) {
                guest.write(Wire.frame(client.id(1), 0, text("of the next guest")));
                assertArrayEquals(Wire.frame(client.id(1), 0, text("of the next guest")), client.readFrame());
                client.write(Wire.frame(client.id(1), 0, text("to the next guest")));
                assertArrayEquals(Wire.frame(client.id(1), 0, text("to the next guest")), guest.readFrame());
            }
        }
        guest.close();
    }

    @Test
    void d9_readyThatNeverComesEndsTheRelayWithTheReason() throws Exception {
        try (LogCapture log = new LogCapture()) {
            box.start(clock.context());
            try (Wire.End guest = box.console.accept(); SocketChannel waiting = Wire.dial(box.socket)) {
                guest.write(Wire.frame(1, 0, text("not ready")));
                box.awaitCounter(RelayCounter.GUEST_FRAMES_BEFORE_READY, 1);
                box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
                clock.jump(Duration.ofSeconds(59));
                guest.write(Wire.frame(1, 0, text("not ready")));
                box.awaitCounter(RelayCounter.GUEST_FRAMES_BEFORE_READY, 2);
                assertTrue(box.isRunning());
                clock.jump(Duration.ofSeconds(2));
                guest.write(Wire.frame(1, 0, text("not ready")));
                assertEquals(RelayOutcome.NEVER_READY, box.outcome());
                assertEquals(-1, waiting.read(ByteBuffer.allocate(1)));
                assertFalse(box.relay().awaitReady(Duration.ofSeconds(1)));
                assertEquals(1, log.linesWith("guest lost: the guest has not become ready within 1m").size());
                assertTrue(box.relay().neverReady().endsWith(": the guest has not become ready within 1m"), box.relay().neverReady());
            }
        }
    }

    @Test
    void d9_guestOfASourceThatDoesNotSayWhyNoneComesIsMissedInWords() throws Exception {
        final PortSource nobody = new PortSource() {
            @Override
            public int fd() {
                return -1;
            }

            @Override
            public Port tryOpen() {
                return null;
            }

            @Override
            public void close() {
                // It has nothing.
            }
        };
        final RelayContext context = new RelayContext().guest(nobody).listen(box.socket)
            .limit(RelayLimit.READY_DEADLINE, Duration.ofMillis(50));
        try (LogCapture log = new LogCapture(); Relay relay = Relay.open(context)) {
            assertEquals(RelayOutcome.NEVER_READY, relay.run());
            assertTrue(relay.neverReady().endsWith(": none has come"), relay.neverReady());
            assertEquals(1, log.linesWith("guest at a source of the embedding program's").size());
        }
    }

    @Test
    void d9_readyThatComesLateIsInTime() throws Exception {
        box.start(clock.context());
        try (Wire.End waiting = new Wire.End(Wire.dial(box.socket)); Wire.End guest = box.console.accept()) {
            box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            clock.jump(Duration.ofSeconds(58));
            guest.write(Wire.READY);
            waiting.read(4);
            assertArrayEquals(Wire.READY, waiting.readFrame());
        }
    }

    @Test
    void d9_readyAgainAndAgainIsANewGuestEachTime() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext())) {
            for (int i = 2; i <= 20; i++) {
                try (Wire.Client client = box.connect()) {
                    guest.write(Wire.concat(Wire.ready(1 + i % 7), Wire.frame(client.id(1), 0, text("of another guest"))));
                    assertTrue(client.atEnd());
                }
            }
            box.assertCount(20, RelayCounter.GUESTS_READY);
            box.assertCount(19, RelayCounter.GUESTS_LOST);
        }
    }

    @Test
    void d9_readyOverAndOverIsNoGuest() throws Exception {
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(new RelayContext())) {
            guest.writeLater(Wire.concat(Collections.nCopies(10_000, Wire.READY).toArray(byte[][]::new)))
                .handle((nothing, failure) -> null).get();
            box.awaitCounter(RelayCounter.GUESTS_READY, 1);
            RelayUnderTest.await("a guest given up", () -> log.linesWith("says core.ready over and over").size() == 1);
            assertTrue(box.count(RelayCounter.GUESTS_READY) <= 110);
        }
        try (Wire.End next = box.nextGuest(Wire.READY); Wire.Client client = box.connect()) {
            client.write(Wire.frame(client.id(1), 0, text("served")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("served")), next.readFrame());
        }
    }

    /** What a guest may do to the indices and records that it shares with the relay. */
    private enum Attack {
        TAIL_BEYOND_CAPACITY((memory, at) -> add(memory, at + tail(), 2L * CAPACITY)),
        TAIL_GOES_BACK((memory, at) -> add(memory, at + tail(), -64)),
        TAIL_NEGATIVE((memory, at) -> memory.set(LONG, at + tail(), Long.MIN_VALUE)),
        TAIL_TORN((memory, at) -> memory.set(INT, at + tail() + Integer.BYTES, 1)),
        RECORD_LENGTH_BEYOND_WHAT_IS_THERE((memory, at) -> record(memory, at, 4096, RingDescriptor.BYTES_TYPE)),
        RECORD_LENGTH_SHORTER_THAN_ITS_HEADER((memory, at) -> record(memory, at, 7, RingDescriptor.BYTES_TYPE)),
        RECORD_LENGTH_HUGE((memory, at) -> record(memory, at, Integer.MAX_VALUE, RingDescriptor.BYTES_TYPE)),
        PADDING_BEYOND_THE_END((memory, at) -> record(memory, at, CAPACITY, RingDescriptor.PADDING_TYPE));

        private final BiConsumer<MemorySegment, Long> change;

        Attack(final BiConsumer<MemorySegment, Long> change) {
            this.change = change;
        }

        private static long tail() {
            return CAPACITY + RingDescriptor.TAIL_OFFSET;
        }

        private static void add(final MemorySegment memory, final long at, final long amount) {
            memory.set(LONG, at, memory.get(LONG, at) + amount);
        }

        /** Publishes one record with a header of our own making. */
        private static void record(final MemorySegment memory, final long at, final int length, final int type) {
            final long tail = memory.get(LONG, at + tail());
            final long position = at + (tail & CAPACITY - 1);
            memory.set(INT, position + RingDescriptor.TYPE_OFFSET, type);
            memory.set(INT, position + RingDescriptor.LENGTH_OFFSET, length);
            memory.set(LONG, at + tail(), tail + 64);
        }
    }

    @ParameterizedTest
    @EnumSource(Attack.class)
    void e7_ringThatBreaksItsRulesIsTheEndOfItsGuestAlone(final Attack attack) throws Exception {
        try (RingGuest guest = box.startRing(new RelayContext()); Wire.Client client = box.connect(); Wire.Client idle = box.connect()) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            attack.change.accept(guest.memory(), guest.toHostRecords());
            // No wake-up: that the relay comes round is a client's doing.
            client.write(Wire.frame(client.id(1), 0, text("input")));
            assertEquals("core.exec.failed", Wire.type(client.readFrame()));
            assertTrue(client.atEnd() && idle.atEnd());
            box.assertCount(1, RelayCounter.GUEST_RING_BROKEN);
            guest.awaitEnd();
        }
        try (RingGuest next = box.nextRingGuest(); Wire.Client client = box.connect()) {
            next.write(Wire.frame(client.id(1), 0, text("hello")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("hello")), client.readFrame());
        }
    }

    /** In this layout such a record is one that is still being written: its guest waits for itself. */
    @ParameterizedTest
    @ValueSource(ints = {0, -64, Integer.MIN_VALUE})
    void e7_recordThatIsNeverFinishedHoldsUpItsGuestAlone(final int length) throws Exception {
        final FaultySyscalls counted = new FaultySyscalls(Posix.system().syscalls());
        try (RingGuest guest = box.startRing(new RelayContext().posix(new Posix(counted))); Wire.Client client = box.connect()) {
            Attack.record(guest.memory(), guest.toHostRecords(), length, RingDescriptor.BYTES_TYPE);
            final byte[] input = Wire.frame(client.id(1), 0, text("input"));
            client.write(input);
            assertArrayEquals(input, guest.readFrame());
            guest.wake(1);
            RelayUnderTest.awaitQuiet(counted);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-64, 1 << 20, Long.MIN_VALUE, 1L << 32})
    void e7_headThatIsNotWhereItCanBeIsTheEndOfItsGuestAlone(final long offBy) throws Exception {
        try (RingGuest guest = box.startRing(new RelayContext()); Wire.Client client = box.connect()) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            guest.readFrame();
            final long head = RingDescriptor.HEADER_PAGE_LENGTH + RingDescriptor.DEFAULT_CAPACITY + RingDescriptor.HEAD_OFFSET;
            Attack.add(guest.memory(), head, offBy);
            // More than is there without a look at the head.
            final CompletableFuture<Void> flooding = client.writeLater(Wire.frame(client.id(1), 0, new byte[3_000_000]));
            assertEquals("core.exec.failed", Wire.type(client.readFrame()));
            flooding.handle((nothing, failure) -> null).get();
            box.assertCount(1, RelayCounter.GUEST_RING_BROKEN);
        }
        box.nextRingGuest().close();
    }
}
