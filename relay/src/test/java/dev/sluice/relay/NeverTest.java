package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a relay never does, each by its own. That it never waits on a disk is shown where there is one, with the log of sessions. */
class NeverTest extends RelayFixture {
    private static final int STEP = 33_554_431;
    private static final int RANGES = 128;

    /** Every frame of a guest is one that a client has got, or one that a counter has. */
    @Test
    void neverDropsAFrameSilently() throws Exception {
        final Random random = new Random(Seeds.next("accounting"));
        box.start(new RelayContext());
        try (Wire.End guest = box.console.accept()) {
            final int early = 20;
            for (int i = 0; i < early; i++) {
                guest.write(Wire.frame(1 + i, 0, text("before ready")));
            }
            guest.write(Wire.READY);
            box.awaitCounter(RelayCounter.GUESTS_READY, 1);
            final int leftId;
            try (Wire.Client left = box.connect(); Wire.Client client = box.connect()) {
                leftId = left.id(1);
                left.write(Wire.frame(leftId, 2, Wire.EXEC_REQUEST_BODY));
                guest.readFrame();
                left.channel.close();
                guest.readFrame();
                final ByteArrayOutputStream mine = new ByteArrayOutputStream();
                final ByteArrayOutputStream all = new ByteArrayOutputStream();
                final int[] kinds = new int[4];
                for (int i = 0; i < 20_000; i++) {
                    final int kind = random.nextInt(kinds.length);
                    kinds[kind]++;
                    final int id = new int[] {client.id(1), leftId, client.id(1) + 5 * STEP, 0}[kind];
                    final byte[] frame = Wire.frame(id, random.nextInt(8) & ~1, new byte[random.nextInt(30)]);
                    all.writeBytes(frame);
                    if (kind == 0) {
                        mine.writeBytes(frame);
                    }
                }
                final byte[] last = Wire.frame(client.id(2), 0, text("the last"));
                all.writeBytes(last);
                final CompletableFuture<Void> writing = guest.writeLater(all.toByteArray());
                assertArrayEquals(mine.toByteArray(), client.read(mine.size()));
                assertArrayEquals(last, client.readFrame());
                writing.get();
                box.assertCount(early, RelayCounter.GUEST_FRAMES_BEFORE_READY);
                box.assertCount(kinds[0] + 1, RelayCounter.FRAMES_TO_CLIENTS);
                box.assertCount(kinds[1], RelayCounter.GUEST_FRAMES_QUARANTINED);
                box.assertCount(kinds[2], RelayCounter.GUEST_FRAMES_FOR_NOBODY);
                box.assertCount(kinds[3], RelayCounter.GUEST_CONTROL_DROPPED);
            }
        }
    }

    /** Behind a length that cannot be there is no telling where a frame begins, however much it may look like one. */
    @Test
    void neverClearsABufferAndCarriesOn() throws Exception {
        try (Wire.End guest = box.startReady(new RelayContext()); Wire.Client client = box.connect(); Wire.Client other = box.connect()) {
            final byte[] good = Wire.frame(client.id(1), 0, text("good"));
            final ByteArrayOutputStream stream = new ByteArrayOutputStream();
            stream.writeBytes(good);
            stream.writeBytes(ByteBuffer.allocate(4).putInt(4_194_305).array());
            for (int i = 0; i < 1000; i++) {
                stream.writeBytes(good);
                stream.writeBytes(Wire.frame(other.id(1), 0, text("good")));
            }
            guest.writeLater(stream.toByteArray()).handle((nothing, failure) -> null).get();
            assertArrayEquals(good, client.readToEnd());
            assertArrayEquals(new byte[0], other.readToEnd());
            box.assertCount(1, RelayCounter.FRAMES_TO_CLIENTS);
        }
    }

    /** With a client on every range, the ids between ranges and behind the last are still nobody's. */
    @Test
    void neverClampsAnIdIntoSomebodysRange() throws Exception {
        final List<Wire.Client> clients = new ArrayList<>();
        try (Wire.End guest = box.startReady(new RelayContext())) {
            for (int i = 0; i < RANGES; i++) {
                clients.add(box.connect());
            }
            final ByteArrayOutputStream stream = new ByteArrayOutputStream();
            int nobodys = 0;
            for (int i = 1; i <= RANGES; i++) {
                stream.writeBytes(Wire.frame(i * STEP, 0, text("in a gap of the grid")));
                nobodys++;
            }
            for (int id = RANGES * STEP + 1; id != 0; id++) {
                stream.writeBytes(Wire.frame(id, 0, text("behind the grid")));
                nobodys++;
            }
            for (final Wire.Client client : clients) {
                stream.writeBytes(Wire.frame(client.id(STEP - 1), 0, text("your last id")));
                stream.writeBytes(Wire.frame(client.id(1), 0, text("your first id")));
            }
            final CompletableFuture<Void> writing = guest.writeLater(stream.toByteArray());
            for (final Wire.Client client : clients) {
                assertArrayEquals(Wire.frame(client.id(STEP - 1), 0, text("your last id")), client.readFrame());
                assertArrayEquals(Wire.frame(client.id(1), 0, text("your first id")), client.readFrame());
            }
            writing.get();
            box.assertCount(nobodys, RelayCounter.GUEST_FRAMES_FOR_NOBODY);
        } finally {
            for (final Wire.Client client : clients) {
                client.close();
            }
        }
    }

    /** With all other ranges taken, a client has to wait until the last session of the only one that is left has spoken its last. */
    @Test
    void neverReusesARangeWhileItsOldSessionsSpeak() throws Exception {
        final List<Wire.Client> clients = new ArrayList<>();
        try (Wire.End guest = box.startReady(new RelayContext())) {
            final int id;
            try (Wire.Client left = box.connect()) {
                id = left.id(1);
                left.write(Wire.concat(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY), Wire.frame(id + 1, 2, Wire.FS_REQUEST_BODY)));
                guest.readFrame();
                guest.readFrame();
            }
            guest.readFrame();
            for (int i = 1; i < RANGES; i++) {
                clients.add(box.connect());
            }
            final CompletableFuture<Wire.Client> waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return box.connect();
                } catch (final IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }, Wire.THREADS);
            box.awaitCounter(RelayCounter.ACCEPTS_PAUSED, 2);
            guest.write(Wire.concat(Wire.frame(id, 0, text("late output")), Wire.frame(id, 1, Wire.EXITED_BODY),
                Wire.frame(id + 1, 0, text("later"))));
            box.awaitCounter(RelayCounter.SESSIONS_ENDED, 1);
            box.awaitCounter(RelayCounter.ACCEPTS_PAUSED, box.count(RelayCounter.ACCEPTS_PAUSED) + 2);
            assertEquals(false, waiting.isDone(), "one session is still open");
            guest.write(Wire.frame(id + 1, 1, text("the last of it")));
            try (Wire.Client successor = waiting.get()) {
                assertEquals(id, successor.id(1));
                guest.write(Wire.frame(id, 0, text("for the successor")));
                assertArrayEquals(Wire.frame(id, 0, text("for the successor")), successor.readFrame(), "the first that it gets");
            }
        } finally {
            for (final Wire.Client client : clients) {
                client.close();
            }
        }
    }
}
