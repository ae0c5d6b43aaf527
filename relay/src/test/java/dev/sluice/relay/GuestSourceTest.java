package dev.sluice.relay;

import static dev.sluice.relay.Wire.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.PosixException;
import dev.sluice.port.PortAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The way to the guest, when something is in it. */
class GuestSourceTest extends RelayFixture {
    private Path console() {
        return directory.resolve("console.sock");
    }

    /** A path that no user can follow, root included. */
    private void obstruct() throws Exception {
        Files.move(console(), directory.resolve("moved"));
        Files.createSymbolicLink(console(), console().getFileName());
    }

    private void clear() throws Exception {
        Files.delete(console());
        Files.move(directory.resolve("moved"), console());
    }

    @Test
    void whatIsInTheWayToAGuestThatWasThereOnceIsWaitedOutAndSaidOnce() throws Exception {
        try (LogCapture log = new LogCapture()) {
            Wire.End guest = box.startReady(new RelayContext());
            for (int i = 1; i <= 2; i++) {
                final int times = i;
                obstruct();
                guest.close();
                RelayUnderTest.await("the obstacle", () -> log.linesWith("no way to the guest now").size() == times);
                clear();
                guest = box.nextGuest(Wire.READY);
                try (Wire.Client client = box.connect()) {
                    guest.write(Wire.frame(client.id(1), 0, text("served")));
                    assertArrayEquals(Wire.frame(client.id(1), 0, text("served")), client.readFrame());
                }
            }
            guest.close();
            assertTrue(log.linesWith("no way to the guest now").getFirst().contains("ELOOP"));
            assertEquals(2, log.linesWith("no way to the guest now").size());
        }
    }

    @Test
    void whatIsInTheWayFromTheStartIsAnError() throws Exception {
        obstruct();
        try (Relay relay = Relay.open(new RelayContext().listen(box.socket).guest(PortAddress.parse("unix:" + console())))) {
            assertThrows(PosixException.class, relay::run);
        }
        clear();
    }

    /** Also the relay's own clock counts no more time than has passed, so that the attempts can be late but not early. */
    @Test
    void portsThatEndAtOnceAreOpenedLessAndLessOften() throws Exception {
        final long beganNs = System.nanoTime();
        box.start(new RelayContext());
        for (int i = 1; i <= 6; i++) {
            box.console.accept().close();
            box.awaitCounter(RelayCounter.GUESTS_LOST, i);
        }
        final long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
        assertTrue(tookMs >= 40 + 80 + 160 + 320 + 640, "after " + tookMs + " ms");
        try (Wire.End guest = box.nextGuest(Wire.READY); Wire.Client client = box.connect()) {
            guest.write(Wire.frame(client.id(1), 0, text("served")));
            assertArrayEquals(Wire.frame(client.id(1), 0, text("served")), client.readFrame());
        }
    }
}
