package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Guests that read nothing or say nothing: who is held up by them, for how long, and what becomes of everybody then. */
class GuestStallTest extends RelayFixture {
    private static final Duration DEADLINE = Duration.ofMillis(300);
    private static final byte[] FLOOD = new byte[2_000_000];

    private final JumpingClock clock = new JumpingClock();

    /** Sends the guest more than it takes unread. @return done when all of it was taken, or its connection has ended */
    private CompletableFuture<Void> fillGuest(final Wire.Client client) {
        final long before = box.count(RelayCounter.BYTES_TO_GUEST);
        final CompletableFuture<Void> flooding = client.writeLater(Wire.frame(client.id(1_000_000), 0, FLOOD));
        box.awaitCounter(RelayCounter.BYTES_TO_GUEST, before + 1);
        return flooding;
    }

    /** Makes the loop go round after a jump of its clock. */
    private void nudge() throws IOException {
        final long accepted = box.count(RelayCounter.CLIENTS_ACCEPTED) + box.count(RelayCounter.CLIENTS_REFUSED_FULL);
        try (SocketChannel channel = Wire.dial(box.socket)) {
            RelayUnderTest.await("a client taken in", () ->
                box.count(RelayCounter.CLIENTS_ACCEPTED) + box.count(RelayCounter.CLIENTS_REFUSED_FULL) > accepted);
            assertTrue(channel.isConnected());
        }
    }

    private static void assertTold(final Wire.End client, final String type, final String reason) throws IOException {
        final byte[] end = client.readFrame();
        assertEquals(type, Wire.type(end));
        assertEquals(1, end[8], "a terminal frame");
        assertTrue(new String(end, US_ASCII).contains(reason), new String(end, US_ASCII));
        assertEnded(client);
    }

    /** Nothing more comes; whether the end looks like one or like a reset is up to what the client had on its way. */
    private static void assertEnded(final Wire.End client) {
        try {
            assertTrue(client.atEnd());
        } catch (final IOException e) {
            assertTrue(e.getMessage().contains("reset"), e.getMessage());
        }
    }

    @Test
    void guestThatReadsNothingIsGivenUpAtItsDeadlineAndEverybodyIsTold() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext().limit(RelayLimit.STALL_DEADLINE, DEADLINE));
            Wire.Client sender = box.connect(); Wire.Client reader = box.connect(); Wire.Client idle = box.connect()) {
            sender.write(Wire.frame(sender.id(1), 2, Wire.EXEC_REQUEST_BODY));
            reader.write(Wire.frame(reader.id(1), 2, Wire.FS_REQUEST_BODY));
            box.awaitCounter(RelayCounter.FRAMES_TO_GUEST, 2);
            final long startedNs = System.nanoTime();
            final CompletableFuture<Void> flooding = fillGuest(sender);
            // Held up, but served: what the guest says still arrives.
            guest.write(Wire.frame(reader.id(1), 0, text("output")));
            assertArrayEquals(Wire.frame(reader.id(1), 0, text("output")), reader.readFrame());
            assertTold(sender, "core.exec.failed", "has read nothing for 300ms");
            assertTrue(System.nanoTime() - startedNs >= DEADLINE.toNanos());
            assertTold(reader, "core.fs.response", "has read nothing for 300ms");
            assertEnded(idle);
            box.assertCount(1, RelayCounter.GUESTS_STALLED);
            assertTrue(box.count(RelayCounter.BYTES_TO_GUEST) <= 256 * 1024, "what waits for a guest is bounded");
            flooding.handle((nothing, failure) -> null).get(10, TimeUnit.SECONDS);
            serveNext();
        }
    }

    private void serveNext() throws Exception {
        try (Wire.End next = box.nextGuest(Wire.ready(7)); Wire.Client client = box.connect()) {
            next.write(Wire.frame(client.id(1), 0, text("hello")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("hello")), client.readFrame());
        }
    }

    @Test
    void guestThatTalksButDoesNotReadIsGivenUpToo() throws Exception {
        final RelayContext context = clock.context();
        try (Wire.End guest = box.startReady(context); Wire.Client sender = box.connect(); Wire.Client reader = box.connect()) {
            final CompletableFuture<Void> flooding = fillGuest(sender);
            for (int i = 1; i <= 4; i++) {
                clock.jump(Duration.ofSeconds(6));
                final byte[] output = Wire.frame(reader.id(1), 0, text("output " + i));
                guest.write(output);
                assertArrayEquals(output, reader.readFrame());
                box.assertCount(0, RelayCounter.GUESTS_STALLED, "after " + 6 * i + " s");
            }
            clock.jump(Duration.ofSeconds(7));
            guest.writeLater(Wire.frame(reader.id(1), 0, text("too late"))).handle((nothing, failure) -> null).get();
            box.awaitCounter(RelayCounter.GUESTS_STALLED, 1);
            assertEnded(sender);
            flooding.handle((nothing, failure) -> null).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void guestThatHasNothingToReadIsWaitedForWithoutEnd() throws Exception {
        try (Wire.End guest = box.startReady(clock.context()); Wire.Client client = box.connect()) {
            final byte[] waiting = Wire.frame(client.id(1), 0, new byte[50_000]);
            client.write(waiting);
            box.awaitCounter(RelayCounter.FRAMES_TO_GUEST, 1);
            for (int i = 0; i < 5; i++) {
                clock.jump(Duration.ofHours(1));
                nudge();
            }
            assertArrayEquals(waiting, guest.readFrame());
            client.write(waiting);
            assertArrayEquals(waiting, guest.readFrame());
            box.assertCount(0, RelayCounter.GUESTS_STALLED);
        }
    }

    @Test
    void guestThatReadsSlowlyIsNotGivenUp() throws Exception {
        try (Wire.End guest = box.startReady(clock.context()); Wire.Client client = box.connect()) {
            final CompletableFuture<Void> flooding = fillGuest(client);
            final byte[] expected = Wire.frame(client.id(1_000_000), 0, FLOOD);
            int read = 0;
            while (expected.length - read > 500_000) {
                clock.jump(Duration.ofSeconds(25));
                final long taken = box.count(RelayCounter.BYTES_TO_GUEST);
                read += guest.read(250_000).length;
                box.awaitCounter(RelayCounter.BYTES_TO_GUEST, taken + 1);
            }
            guest.read(expected.length - read);
            flooding.get();
            box.assertCount(0, RelayCounter.GUESTS_STALLED);
        }
    }

    /** Its port says nothing before three quarters of what waits are gone. What it reads is seen by whole buffers, 64 KiB at most. */
    @Test
    void guestThatReadsTooLittleToBeWritableIsNotGivenUp() throws Exception {
        try (Wire.End guest = box.startReady(clock.context()); Wire.Client client = box.connect(); Wire.Client reader = box.connect()) {
            final CompletableFuture<Void> flooding = fillGuest(client);
            box.awaitCounter(RelayCounter.BYTES_TO_GUEST, 150_000);
            final int little = 70_000;
            for (int i = 1; i <= 2; i++) {
                clock.jump(Duration.ofSeconds(16));
                goRound(guest, reader);
                guest.read(little);
                clock.jump(Duration.ofSeconds(15));
                goRound(guest, reader);
                box.assertCount(0, RelayCounter.GUESTS_STALLED, "after " + i * little + " bytes");
            }
            guest.read(Wire.frame(client.id(1_000_000), 0, FLOOD).length - 2 * little);
            flooding.get();
        }
    }

    /**
     * Lets the loop go round once from beginning to end by the clock as it is now: the first frame may be read in a round that was begun
     * before, the second is read in one that was not, and the third when that is over.
     */
    private static void goRound(final Wire.End guest, final Wire.Client reader) throws IOException {
        for (int i = 0; i < 3; i++) {
            final byte[] frame = Wire.frame(reader.id(1), 0, text("round " + i));
            guest.write(frame);
            assertArrayEquals(frame, reader.readFrame());
        }
    }

    /** As an agent with one thread is that writes the output of its programs where it also reads. */
    @Test
    void guestThatIsItselfHeldUpByAClientIsNotBlamed() throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.STALL_DEADLINE, DEADLINE).slowClientPolicy(SlowClientPolicy.STALL);
        try (Wire.End guest = box.startReady(context); Wire.Client stuck = box.connect(); Wire.Client sender = box.connect()) {
            final CompletableFuture<Void> output = guest.writeLater(Wire.frame(stuck.id(1), 0, new byte[4_000_000]));
            box.awaitCounter(RelayCounter.HEAD_OF_LINE_BLOCKS, 1);
            final CompletableFuture<Void> flooding = fillGuest(sender);
            // The client that holds it up is made to go at that very deadline; only then does the guest get to reading.
            output.get(10, TimeUnit.SECONDS);
            box.awaitCounter(RelayCounter.CLIENTS_EVICTED_SLOW, 1);
            assertArrayEquals(Wire.frame(sender.id(1_000_000), 0, FLOOD), guest.readFrame());
            flooding.get();
            box.assertCount(0, RelayCounter.GUESTS_STALLED);
            box.assertCount(0, RelayCounter.GUESTS_LOST);
        }
    }

    @Test
    void endCanBeOrderedWhileTheGuestReadsNothing() throws Exception {
        final RelayContext context = new RelayContext().limit(RelayLimit.DRAIN_DEADLINE, DEADLINE);
        try (Wire.End guest = box.startReady(context); Wire.Client sender = box.connect(); Wire.Client other = box.connect()) {
            other.write(Wire.frame(other.id(1), 2, Wire.EXEC_REQUEST_BODY));
            box.awaitCounter(RelayCounter.FRAMES_TO_GUEST, 1);
            final CompletableFuture<Void> flooding = fillGuest(sender);
            box.relay().shutdown();
            assertTold(other, "core.exec.failed", "the relay is shutting down");
            assertEnded(sender);
            assertEquals(RelayOutcome.STOPPED, box.outcome());
            assertTrue(guest.channel.isOpen());
            flooding.handle((nothing, failure) -> null).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aSilentSecondGuestIsGivenUpAtItsOwnDeadlineAndTheThirdServed() throws Exception {
        final RelayContext context = clock.context();
        try (Wire.End first = box.startReady(context)) {
            clock.jump(Duration.ofHours(1));
            assertTrue(first.channel.isOpen());
        }
        box.awaitCounter(RelayCounter.GUESTS_LOST, 1);
        try (Wire.End silent = box.console.accept()) {
            final long readyDeadlineS = 60;
            // Babble is no readiness.
            for (int i = 0; i < 5; i++) {
                clock.jump(Duration.ofSeconds(readyDeadlineS / 6));
                silent.write(Wire.frame(1, 0, text("still booting")));
                box.awaitCounter(RelayCounter.GUEST_FRAMES_BEFORE_READY, i + 1);
            }
            box.assertCount(0, RelayCounter.GUESTS_NEVER_READY);
            clock.jump(Duration.ofSeconds(readyDeadlineS / 6));
            silent.write(Wire.frame(1, 0, text("too late")));
            assertTrue(silent.atEnd());
            box.assertCount(1, RelayCounter.GUESTS_NEVER_READY);
            assertTrue(box.isRunning());
        }
        serveNext();
    }

    @Test
    void clientsThatComeWhileThereIsNoGuestAreServedByTheNextOrTold() throws Exception {
        final RelayContext context = clock.context();
        box.startReady(context).close();
        box.awaitCounter(RelayCounter.GUESTS_LOST, 1);
        try (Wire.End silent = box.console.accept(); Wire.End tooEarly = new Wire.End(Wire.dial(box.socket))) {
            box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 1);
            clock.jump(Duration.ofSeconds(59));
            nudge();
            try (Wire.End waiting = new Wire.End(Wire.dial(box.rangeSocket))) {
                box.awaitCounter(RelayCounter.CLIENTS_ACCEPTED, 3);
                clock.jump(Duration.ofSeconds(2));
                assertTrue(tooEarly.atEnd() && silent.atEnd(), "their deadlines");
                try (Wire.End next = box.nextGuest(Wire.ready(5))) {
                    assertArrayEquals(Wire.ready(5), waitedFor(waiting));
                    assertTrue(next.channel.isOpen());
                }
            }
        }
    }

    private static byte[] waitedFor(final Wire.End client) throws IOException {
        client.read(8);
        return client.readFrame();
    }
}
