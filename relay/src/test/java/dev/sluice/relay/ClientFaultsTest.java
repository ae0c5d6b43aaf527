package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Fault scenarios C, death and misuse of clients: each method is named after its row. C9 is {@link AccessTest}. That a client killed by
 * SIGKILL is one whose connection closes is shown with real processes by the system tests' KillTest.
 */
@TimeLimit(seconds = 120)
class ClientFaultsTest extends RelayFixture {
    private static final int STEP = 33_554_431;
    private static final byte[] EMPTY_MAP = {(byte) 0xA0};

    private final JumpingClock clock = new JumpingClock();

    private static void assertKill(final int id, final byte[] frame) {
        assertEquals(List.of("core.exec.signal", id, (byte) 9), List.of(Wire.type(frame), Wire.id(frame), frame[frame.length - 1]));
    }

    @Test
    void c1_clientThatDiesInsideAFrameAtAnyByteLeavesNoPartOfIt() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client witness = box.connect()) {
            final byte[] input = Wire.frame(0, 0, text("input"));
            for (int i = 0; i < input.length; i++) {
                final byte[] request;
                final int id;
                try (Wire.Client client = box.connect()) {
                    id = client.id(1);
                    request = Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY);
                    client.write(Wire.concat(request, Arrays.copyOf(Wire.frame(id, 0, text("input")), i)));
                    if (i % 2 == 0) {
                        // Half of them die before the relay has seen anything of it.
                        assertArrayEquals(request, guest.readFrame());
                    }
                }
                if (i % 2 != 0) {
                    assertArrayEquals(request, guest.readFrame());
                }
                assertKill(id, guest.readFrame());
                guest.write(Wire.frame(id, 1, Wire.EXITED_BODY));
            }
            box.assertCount(input.length - 1, RelayCounter.CLIENT_FRAMES_CUT);
            final byte[] own = Wire.frame(witness.id(1), 0, text("still here"));
            witness.write(own);
            assertArrayEquals(own, guest.readFrame());
            box.awaitCounter(RelayCounter.SESSIONS_ENDED, input.length);
        }
    }

    @Test
    void c1_clientThatDiesInsideALongFrameLeavesNoPartOfItAndItsBuffer() throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.ASSEMBLY_BUFFERS, 1);
        try (Wire.End guest = box.startReady(context); Wire.Client witness = box.connect()) {
            for (int i = 0; i < 5; i++) {
                try (Wire.Client client = box.connect()) {
                    client.write(Arrays.copyOf(Wire.frame(client.id(1), 0, new byte[1_000_000]), 70_000 + i * 100_000));
                }
                final byte[] whole = Wire.frame(witness.id(1), 0, new byte[200_000]);
                final CompletableFuture<Void> writing = witness.writeLater(whole);
                assertArrayEquals(whole, guest.readFrame());
                writing.get();
            }
            box.awaitCounter(RelayCounter.CLIENT_FRAMES_CUT, 5);
        }
    }

    @Test
    void c2_halfClosedClientStillGetsItsOutputToTheEnd() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            client.write(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY));
            client.channel.shutdownOutput();
            guest.readFrame();
            final byte[] output = Wire.frame(client.id(1), 0, new byte[3_000_000]);
            final byte[] exited = Wire.frame(client.id(1), 1, Wire.EXITED_BODY);
            final CompletableFuture<Void> writing = guest.writeLater(Wire.concat(output, exited));
            assertArrayEquals(output, client.readFrame());
            assertArrayEquals(exited, client.readFrame());
            assertTrue(client.atEnd(), "and then there is nothing to stay for");
            writing.get();
            box.assertCount(0, RelayCounter.SESSIONS_KILLED);
        }
    }

    /** A ping is no session, so nothing says that an answer is due; the client is left some time for it. */
    @Test
    void c2_halfClosedClientStillGetsTheAnswerToAPing() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect()) {
            client.write(Wire.frame(client.id(1), 0, ExecLogFrames.body("core.ping", EMPTY_MAP)));
            client.channel.shutdownOutput();
            guest.readFrame();
            final byte[] pong = Wire.frame(client.id(1), 1, ExecLogFrames.body("core.pong", EMPTY_MAP));
            guest.write(pong);
            assertArrayEquals(pong, client.readFrame());
            assertTrue(client.atEnd());
        }
    }

    @Test
    void c2_halfCloseInsideAFrameLosesThatFrameAndNoOutput() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect(); Wire.Client witness = box.connect()) {
            client.write(Wire.concat(Wire.frame(client.id(1), 2, Wire.EXEC_REQUEST_BODY),
                Arrays.copyOf(Wire.frame(client.id(1), 0, text("input")), 11)));
            client.channel.shutdownOutput();
            guest.readFrame();
            witness.write(Wire.frame(witness.id(1), 0, text("next")));
            assertArrayEquals(Wire.frame(witness.id(1), 0, text("next")), guest.readFrame());
            guest.write(Wire.concat(Wire.frame(client.id(1), 0, text("output")), Wire.frame(client.id(1), 1, Wire.EXITED_BODY)));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("output")), client.readFrame());
            assertArrayEquals(Wire.frame(client.id(1), 1, Wire.EXITED_BODY), client.readFrame());
            assertTrue(client.atEnd());
        }
    }

    @Test
    void c3_clientThatClosesWithOutputUnreadIsAsGoodAsDead() throws Exception {
        final Random random = new Random(Seeds.next("unread"));
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client witness = box.connect()) {
            for (int i = 0; i < 30; i++) {
                final int id;
                final CompletableFuture<Void> output;
                try (Wire.Client client = box.connect()) {
                    id = client.id(1);
                    client.write(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY));
                    guest.readFrame();
                    output = guest.writeLater(Wire.frame(id, 0, new byte[1 + random.nextInt(3_000_000)]));
                    client.read(9 + random.nextInt(2));
                    if (i % 2 == 0) {
                        // Both ends close with something unread.
                        client.write(Wire.frame(id, 0, text("input")));
                        guest.readFrame();
                    }
                }
                assertKill(id, guest.readFrame());
                output.get();
                guest.write(Wire.concat(Wire.frame(id, 1, Wire.EXITED_BODY), Wire.frame(witness.id(1), 0, text("unharmed " + i))));
                assertArrayEquals(Wire.frame(witness.id(1), 0, text("unharmed " + i)), witness.readFrame());
            }
            box.assertCount(0, RelayCounter.CLIENT_IO_ERRORS, "it is no failure of the system");
        }
    }

    /** A hundred thousand are the soak test's. */
    @Test
    void c4_stormOfClientsLeavesNothing() throws Exception {
        final Random random = new Random(Seeds.next("storm"));
        final int storm = 10_000;
        try (Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.CLOCK_SYNC_INTERVAL, 0))) {
            final long before = descriptors();
            for (int i = 0; i < storm; i++) {
                try (SocketChannel client = Wire.dial(box.socket)) {
                    switch (random.nextInt(4)) {
                        case 0 -> client.read(ByteBuffer.allocate(random.nextInt(1, 90)));
                        case 1 -> client.write(ByteBuffer.wrap(new byte[random.nextInt(1, 9)]));
                        case 2 -> client.shutdownOutput();
                        default -> {
                        }
                    }
                } catch (final IOException e) {
                    // One that was closed for what it sent, or found too many before it that the relay had not seen leave yet.
                    assertTrue(box.isRunning());
                }
            }
            final long done = box.count(RelayCounter.CLIENTS_ACCEPTED) + box.count(RelayCounter.CLIENTS_REFUSED_FULL);
            assertTrue(done <= storm);
            RelayUnderTest.await("the last to be seen", () ->
                box.count(RelayCounter.CLIENTS_ACCEPTED) + box.count(RelayCounter.CLIENTS_REFUSED_FULL) == storm);
            RelayUnderTest.await("the descriptors of before", () -> descriptors() == before);
            final List<Wire.Client> all = new ArrayList<>();
            for (int i = 0; i < RangeTable.RANGES; i++) {
                all.add(box.connect());
            }
            for (final Wire.Client client : all) {
                client.close();
            }
            assertTrue(guest.channel.isOpen());
        }
    }

    private static long descriptors() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The handshake has no words for a refusal: the log and the counters have. */
    @Test
    void c5_clientBeyondTheLimitSeesTheEndAtOnceAndTheLogSaysWhy() throws Exception {
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.MAX_CLIENTS, 2));
            Wire.Client first = box.connect(); Wire.Client second = box.connect()) {
            try (SocketChannel third = Wire.dial(box.socket)) {
                assertEquals(-1, third.read(ByteBuffer.allocate(1)));
            }
            box.assertCount(1, RelayCounter.CLIENTS_REFUSED_FULL);
            final String line = log.linesWith("--max-clients").get(0);
            assertTrue(line.contains("pid=" + ProcessHandle.current().pid()) && line.contains("2 are connected"), line);
            second.write(Wire.frame(second.id(1), 0, text("undisturbed")));
            assertArrayEquals(Wire.frame(second.id(1), 0, text("undisturbed")), guest.readFrame());
            first.write(Wire.frame(0, 0, text("leaves by breaking a rule")));
            assertTrue(first.atEnd());
            try (Wire.Client next = box.connect()) {
                assertNotEquals(first.idOffset, next.idOffset);
            }
        }
    }

    /** A client need not say anything; one that begins to is expected to go on. */
    @Test
    void c6_frameThatNeverEndsCostsItsSenderTheConnection() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.STALL_DEADLINE, Duration.ofMillis(200)));
            Wire.Client client = box.connect(); Wire.Client silent = box.connect()) {
            client.write(Arrays.copyOf(Wire.frame(client.id(1), 0, new byte[1000]), 500));
            assertTrue(client.atEnd());
            box.assertCount(1, RelayCounter.CLIENT_FRAMES_STALLED);
            silent.write(Wire.frame(silent.id(1), 0, text("still welcome")));
            assertArrayEquals(Wire.frame(silent.id(1), 0, text("still welcome")), guest.readFrame());
        }
    }

    @Test
    void c6_clientThatWaitsForAGuestInVainSeesTheEndAtItsDeadline() throws Exception {
        box.start(new RelayContext().limit(RelayLimit.READY_DEADLINE, Duration.ofMillis(200)));
        final long startedNs = System.nanoTime();
        try (SocketChannel waiting = Wire.dial(box.rangeSocket)) {
            assertEquals(-1, waiting.read(ByteBuffer.allocate(1)));
            assertTrue(System.nanoTime() - startedNs >= Duration.ofMillis(150).toNanos());
            assertEquals(RelayOutcome.NEVER_READY, box.outcome());
        }
    }

    @Test
    void c6_clientThatWaitsForTheNextGuestInVainSeesTheEndAndTheLogSaysWhy() throws Exception {
        try (LogCapture log = new LogCapture()) {
            box.startReady(new RelayContext().limit(RelayLimit.READY_DEADLINE, Duration.ofMillis(200))).close();
            box.awaitCounter(RelayCounter.GUESTS_LOST, 1);
            try (SocketChannel waiting = Wire.dial(box.rangeSocket)) {
                assertEquals(-1, waiting.read(ByteBuffer.allocate(1)));
            }
            box.assertCount(1, RelayCounter.CLIENTS_WAITED_IN_VAIN);
            assertEquals(1, log.linesWith("no guest has become ready within 200ms").size());
        }
    }

    @Test
    void c6_longFramesThatNeverEndDoNotKeepTheirMemoryFromOthers() throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.ASSEMBLY_BUFFERS, 1)
            .limit(RelayLimit.ASSEMBLY_TIME, Duration.ofMillis(200));
        try (Wire.End guest = box.startReady(context); Wire.Client first = box.connect(); Wire.Client second = box.connect()) {
            first.write(Arrays.copyOf(Wire.frame(first.id(1), 0, new byte[1_000_000]), 100_000));
            final byte[] frame = Wire.frame(second.id(1), 0, new byte[100_000]);
            second.write(frame);
            assertArrayEquals(frame, guest.readFrame());
            assertTrue(first.atEnd());
            box.assertCount(1, RelayCounter.CLIENT_FRAMES_STALLED);
        }
    }

    @Test
    void c10_idsOutsideTheRangeCostTheirSenderAloneItsConnection() throws Exception {
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(new RelayContext());
            Wire.Client bystander = box.connect()) {
            final int[] wrong = {bystander.id(1), bystander.id(STEP - 1), -1, -2, Integer.MIN_VALUE, 0};
            for (final int id : wrong) {
                try (Wire.Client client = box.connect()) {
                    client.write(Wire.concat(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY), Wire.frame(client.id(1), 0, text("behind it"))));
                    assertTrue(client.atEnd());
                }
            }
            box.assertCount(wrong.length - 1, RelayCounter.CLIENT_FRAMES_FOREIGN_ID);
            box.assertCount(1, RelayCounter.CLIENT_FRAMES_BAD_CONTROL);
            assertEquals(wrong.length - 1, log.linesWith("correlation id outside the range").size());
            bystander.write(Wire.frame(bystander.id(1), 0, text("unharmed")));
            assertArrayEquals(Wire.frame(bystander.id(1), 0, text("unharmed")), guest.readFrame(), "nothing of them reached the guest");
        }
    }

    /** A program goes on, and has to be ended, whatever else was asked for under its id and has failed. */
    @Test
    void c10_programIsRememberedWhateverElseItsIdIsUsedFor() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext())) {
            final int id;
            try (Wire.Client client = box.connect()) {
                id = client.id(1);
                client.write(Wire.concat(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY),
                    Wire.frame(id, 2, ExecLogFrames.body("core.fs.request", EMPTY_MAP)), Wire.frame(id, 2, text("junk"))));
                for (int i = 0; i < 3; i++) {
                    guest.readFrame();
                }
                final byte[] fails = Wire.frame(id, 1, ExecLogFrames.body("core.fs.response", EMPTY_MAP));
                final byte[] error = Wire.frame(id, 1, ExecLogFrames.body("core.error", EMPTY_MAP));
                guest.write(Wire.concat(fails, error));
                assertArrayEquals(fails, client.readFrame());
                assertArrayEquals(error, client.readFrame());
            }
            assertKill(id, guest.readFrame());
            guest.write(Wire.frame(id, 1, Wire.EXITED_BODY));
            box.awaitCounter(RelayCounter.SESSIONS_ENDED, 1);
        }
    }

    @Test
    void c10_moreProgramsThanCanBeLookedAfterCostTheirSenderItsConnection() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect(); Wire.Client other = box.connect()) {
            final byte[][] requests = new byte[Sessions.MAX_TRACKED + 1][];
            for (int i = 0; i < requests.length; i++) {
                requests[i] = Wire.frame(client.id(1 + i), 2, Wire.EXEC_REQUEST_BODY);
            }
            final CompletableFuture<Void> writing = client.writeLater(Wire.concat(requests));
            for (int i = 0; i < Sessions.MAX_TRACKED; i++) {
                assertArrayEquals(requests[i], guest.readFrame());
            }
            for (int i = 0; i < Sessions.MAX_TRACKED; i++) {
                assertEquals("core.exec.signal", Wire.type(guest.readFrame()), "what it has started is ended");
            }
            writing.handle((nothing, failure) -> null).get();
            box.assertCount(1, RelayCounter.CLIENT_SESSIONS_TOO_MANY);
            other.write(Wire.frame(other.id(1), 2, Wire.EXEC_REQUEST_BODY));
            assertArrayEquals(Wire.frame(other.id(1), 2, Wire.EXEC_REQUEST_BODY), guest.readFrame());
        }
    }

    /** Which of two requests with one id counts is the agent's to judge; for the relay it is one session. */
    @Test
    void c10_idInFlightUsedAgainIsOneSession() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client witness = box.connect()) {
            final int id;
            try (Wire.Client client = box.connect()) {
                id = client.id(1);
                final byte[] request = Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY);
                client.write(Wire.concat(request, request));
                assertArrayEquals(request, guest.readFrame());
                assertArrayEquals(request, guest.readFrame());
            }
            assertKill(id, guest.readFrame());
            witness.write(Wire.frame(witness.id(1), 0, text("next")));
            assertArrayEquals(Wire.frame(witness.id(1), 0, text("next")), guest.readFrame(), "one kill");
        }
    }

    @Test
    void c11_rangeIsNotGivenOutAgainWhileItsOldSessionsSpeak() throws Exception {
        try (Wire.End guest = box.startReady(clock.context())) {
            final int id;
            final int range;
            try (Wire.Client client = box.connect()) {
                id = client.id(1);
                range = client.range();
                client.write(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
            }
            assertKill(id, guest.readFrame());
            assertEquals(0, timesGivenOut(range, 300, guest, id));
            box.assertCount(300, RelayCounter.GUEST_FRAMES_QUARANTINED);
            guest.write(Wire.frame(id, 1, Wire.EXITED_BODY));
            box.awaitCounter(RelayCounter.SESSIONS_ENDED, 1);
            assertTrue(timesGivenOut(range, 300, guest, -1) >= 2, "once its sessions have ended");
        }
    }

    /** Nobody knows when the last of them has ended, so the range is not free when the last has that is known of. */
    @Test
    void c11_rangeWithMoreSessionsThanAreRememberedIsNotFreeWhenThoseHaveEnded() throws Exception {
        try (Wire.End guest = box.startReady(clock.context())) {
            final int range;
            final byte[] late;
            try (Wire.Client client = box.connect()) {
                range = client.range();
                late = Wire.frame(client.id(1), 0, text("of the former client"));
                final int count = Sessions.MAX_TRACKED + 1;
                final byte[][] opened = new byte[count][];
                final byte[][] ended = new byte[count - 1][];
                for (int i = 0; i < count; i++) {
                    final int id = client.id(count - i);
                    opened[i] = Wire.frame(id, 2, ExecLogFrames.body("core.fs.request", EMPTY_MAP));
                    if (i < count - 1) {
                        ended[i] = Wire.frame(id, 1, ExecLogFrames.body("core.fs.response", EMPTY_MAP));
                    }
                }
                final CompletableFuture<Void> writing = client.writeLater(Wire.concat(opened));
                for (final byte[] frame : opened) {
                    assertArrayEquals(frame, guest.readFrame());
                }
                writing.get();
                final CompletableFuture<Void> answering = guest.writeLater(Wire.concat(ended));
                for (final byte[] frame : ended) {
                    assertArrayEquals(frame, client.readFrame());
                }
                answering.get();
                box.assertCount(1, RelayCounter.SESSIONS_UNTRACKED);
            }
            guest.write(late);
            box.awaitCounter(RelayCounter.GUEST_FRAMES_QUARANTINED, 1);
            assertEquals(0, timesGivenOut(range, 200, guest, -1));
        }
    }

    /** What opens sessions that nobody answers can keep ranges from others for seconds, not for the whole quarantine. */
    @Test
    void c11_rangesInQuarantineAreGivenOutWhenThereAreNoOthers() throws Exception {
        try (Wire.End guest = box.startReady(clock.context().limit(RelayLimit.QUARANTINE_DEADLINE, Duration.ofDays(1)))) {
            final byte[] unanswered = ExecLogFrames.body("core.of.tomorrow", EMPTY_MAP);
            for (int i = 0; i < RangeTable.RANGES; i++) {
                try (Wire.Client client = box.connect()) {
                    client.write(Wire.frame(client.id(1), 2, unanswered));
                    guest.readFrame();
                }
            }
            box.awaitCounter(RelayCounter.RANGES_QUARANTINED, RangeTable.RANGES);
            try (SocketChannel waiting = Wire.dial(box.socket)) {
                box.awaitCounter(RelayCounter.ACCEPTS_PAUSED, 1);
                clock.jump(Duration.ofSeconds(6));
                try (Wire.End served = new Wire.End(waiting)) {
                    served.read(4);
                    assertArrayEquals(Wire.READY, served.readFrame());
                }
            }
        }
    }

    @Test
    void c11_framesThatBeginNothingAreNoSessionsWhateverTheirFlagsSay() throws Exception {
        try (Wire.End guest = box.startReady(clock.context())) {
            for (int i = 0; i < 2 * RangeTable.RANGES; i++) {
                try (Wire.Client client = box.connect()) {
                    client.write(Wire.frame(client.id(1), 2, ExecLogFrames.body("core.exec.signal", EMPTY_MAP)));
                    guest.readFrame();
                }
            }
            box.assertCount(0, RelayCounter.SESSIONS_OPENED);
        }
    }

    @Test
    void c11_rangeWhoseSessionsNeverEndIsTheLastToBeGivenOut() throws Exception {
        try (Wire.End guest = box.startReady(clock.context())) {
            final int id;
            final int range;
            try (Wire.Client client = box.connect()) {
                id = client.id(1);
                range = client.range();
                client.write(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
            }
            assertKill(id, guest.readFrame());
            clock.jump(Duration.ofMinutes(2));
            guest.write(Wire.frame(id, 0, text("still speaking")));
            box.awaitCounter(RelayCounter.QUARANTINES_EXPIRED, 1);
            assertEquals(0, timesGivenOut(range, 300, guest, id), "while there are others");
        }
    }

    /** Connects one client after the other, and lets the guest say something with an old id to each. */
    private int timesGivenOut(final int range, final int clients, final Wire.End guest, final int oldId) throws IOException {
        int times = 0;
        for (int i = 0; i < clients; i++) {
            try (Wire.Client client = box.connect()) {
                times += client.range() == range ? 1 : 0;
                final byte[] own = Wire.frame(client.id(1), 0, text("for this client"));
                guest.write(Wire.concat(Wire.frame(oldId, 0, text("late output")), own));
                assertArrayEquals(own, client.readFrame(), "the first that it gets");
            }
        }
        return times;
    }

    @Test
    void c12_clientThatCountsPastItsRangeIsClosed() throws Exception {
        try (LogCapture log = new LogCapture(); Wire.End guest = box.startReady(new RelayContext()); Wire.Client next = box.connect()) {
            try (Wire.Client client = box.connect()) {
                final byte[] last = Wire.frame(client.id(STEP - 1), 0, text("the last id"));
                client.write(Wire.concat(last, Wire.frame(client.id(STEP), 0, text("one too many"))));
                assertArrayEquals(last, guest.readFrame());
                assertTrue(client.atEnd());
            }
            box.assertCount(1, RelayCounter.CLIENT_FRAMES_FOREIGN_ID);
            assertEquals(1, log.linesWith("correlation id outside the range").size());
            next.write(Wire.frame(next.id(1), 0, text("next")));
            assertArrayEquals(Wire.frame(next.id(1), 0, text("next")), guest.readFrame());
        }
    }
}
