package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.FaultySyscalls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How much of other clients' a client's frame has before it on its way to a guest that is slower than its clients: what waits for the guest
 * already, the rest of a frame that it has part of, and one turn of each other client. Counted in bytes, for guests that read only when
 * everybody else has said what there is to say.
 */
class QueueBoundTest {
    /** What may wait for a guest. */
    private static final int GUEST_BOUND = 256 * 1024;
    private static final int FLOOD_BODY = 64 * 1024;
    private static final int FLOOD_FRAME = 9 + FLOOD_BODY;
    private static final int FLOOD_FRAMES = 100;
    private static final int ROUNDS = 10;

    @TempDir
    Path directory;
    private final FaultySyscalls counted = new FaultySyscalls(Posix.system().syscalls());
    private final List<Wire.Client> flooders = new ArrayList<>();
    private final List<CompletableFuture<Void>> floods = new ArrayList<>();
    private RelayUnderTest box;

    @BeforeEach
    void open() throws IOException {
        box = new RelayUnderTest(directory);
    }

    @AfterEach
    void close() throws Exception {
        for (final Wire.Client flooder : flooders) {
            flooder.close();
        }
        CompletableFuture.allOf(floods.toArray(CompletableFuture[]::new)).handle((nothing, failure) -> null).join();
        box.close();
    }

    /** The guest's side, whatever its port is. */
    private interface Guest {
        byte[] readFrame() throws IOException;

        void write(byte[] bytes) throws IOException;
    }

    private void flood(final int clients) throws IOException {
        for (int i = 0; i < clients; i++) {
            final Wire.Client flooder = box.connect();
            flooders.add(flooder);
            final byte[][] frames = new byte[FLOOD_FRAMES][];
            Arrays.fill(frames, Wire.frame(flooder.id(1), 0, new byte[FLOOD_BODY]));
            floods.add(flooder.writeLater(Wire.concat(frames)));
        }
    }

    /** Pings through a guest that echoes. @return the most bytes that the guest had to read before a ping that had been sent */
    private long mostBefore(final Wire.Client pinging, final Guest guest) throws IOException {
        long most = 0;
        for (int i = 0; i < ROUNDS; i++) {
            RelayUnderTest.awaitQuiet(counted);
            final byte[] ping = Wire.frame(pinging.id(1 + i), 0, ("ping " + i).getBytes(US_ASCII));
            pinging.write(ping);
            RelayUnderTest.awaitQuiet(counted);
            long before = 0;
            byte[] frame = guest.readFrame();
            while (Wire.id(frame) != pinging.id(1 + i)) {
                before += frame.length;
                frame = guest.readFrame();
            }
            most = Math.max(most, before);
            guest.write(frame);
            assertArrayEquals(ping, pinging.readFrame());
        }
        return most;
    }

    @Test
    void pingHasNoMoreBeforeItThanMayWaitForAConsole() throws Exception {
        try (Wire.End end = box.startReady(new RelayContext().posix(new Posix(counted))); Wire.Client pinging = box.connect()) {
            final long most = mostBeforeOne(pinging, guest(end));
            assertTrue(most > GUEST_BOUND / 4, "there was a queue: " + most);
        }
    }

    private static Guest guest(final Wire.End end) {
        return new Guest() {
            @Override
            public byte[] readFrame() throws IOException {
                return end.readFrame();
            }

            @Override
            public void write(final byte[] bytes) throws IOException {
                end.write(bytes);
            }
        };
    }

    private static Guest guest(final RingGuest end) {
        return new Guest() {
            @Override
            public byte[] readFrame() {
                return end.readFrame();
            }

            @Override
            public void write(final byte[] bytes) {
                end.write(bytes);
            }
        };
    }

    /** With one client flooding. */
    private long mostBeforeOne(final Wire.Client pinging, final Guest guest) throws IOException {
        flood(1);
        RelayUnderTest.awaitQuiet(counted);
        final long waiting = box.count(RelayCounter.BYTES_TO_GUEST);
        assertTrue(waiting <= GUEST_BOUND, "waits for a guest that has read nothing: " + waiting);
        final long most = mostBefore(pinging, guest);
        assertTrue(most <= GUEST_BOUND + FLOOD_FRAME + ClientInput.CAPACITY, "bytes before a ping: " + most);
        return most;
    }

    @Test
    void pingHasNoMoreBeforeItThanMayWaitForARing() throws Exception {
        try (RingGuest end = box.startRing(new RelayContext().posix(new Posix(counted))); Wire.Client pinging = box.connect()) {
            final long most = mostBeforeOne(pinging, guest(end));
            assertTrue(most > GUEST_BOUND / 4, "there was a queue: " + most);
        }
    }

    @Test
    void everyOtherClientHasOneTurnBeforeAPing() throws Exception {
        try (Wire.End end = box.startReady(new RelayContext().posix(new Posix(counted))); Wire.Client pinging = box.connect()) {
            final int others = 15;
            flood(others);
            final long most = mostBefore(pinging, guest(end));
            assertTrue(most <= GUEST_BOUND + FLOOD_FRAME + others * ClientInput.CAPACITY, "bytes before a ping: " + most);
        }
    }
}
