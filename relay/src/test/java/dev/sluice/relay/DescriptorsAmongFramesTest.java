package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.DescriptorPassing;
import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import dev.sluice.vsock.UnixAddress;
import dev.sluice.vsock.UnixConnector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client that sends a descriptor along with a frame: the kernel ends a read behind it though more bytes are there. Nothing may wait for
 * an edge that has been.
 */
class DescriptorsAmongFramesTest {
    @TempDir
    Path directory;

    @Test
    void whatComesBehindADescriptorIsRead() throws Exception {
        final Path socket = directory.resolve("agent.sock");
        final Posix posix = Posix.system();
        try (Wire.GuestConsole console = new Wire.GuestConsole(directory.resolve("console.sock"));
            Relay relay = Relay.open(new RelayContext().listen(socket)
                .guest(PortAddress.parse("unix:" + directory.resolve("console.sock"))));
            Arena arena = Arena.ofShared()) {
            final CompletableFuture<RelayOutcome> outcome = new CompletableFuture<>();
            // Everything is in the client's socket before the relay's loop begins.
            final int client = UnixConnector.tryConnect(posix, UnixAddress.of(socket));
            assertTrue(client >= 0);
            final byte[] first = Wire.frame(1, 0, "first".getBytes(US_ASCII));
            final byte[] second = Wire.frame(1, 0, "second".getBytes(US_ASCII));
            final MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, first);
            assertEquals(first.length, DescriptorPassing.send(posix, client, bytes, client));
            final MemorySegment more = arena.allocateFrom(ValueLayout.JAVA_BYTE, second);
            assertEquals(second.length, posix.send(client, more.address(), second.length, 0));
            Thread.ofPlatform().start(() -> {
                try {
                    outcome.complete(relay.run());
                } catch (final Throwable e) {
                    outcome.completeExceptionally(e);
                }
            });
            try (Wire.End guest = console.accept()) {
                guest.write(Wire.READY);
                assertTrue(relay.awaitReady(Duration.ofSeconds(10)));
                assertArrayEquals(first, guest.readFrame());
                assertArrayEquals(second, CompletableFuture.supplyAsync(() -> {
                    try {
                        return guest.readFrame();
                    } catch (final java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }).get(5, TimeUnit.SECONDS));
            } finally {
                posix.closeQuietly(client);
                relay.shutdown();
                outcome.get(10, TimeUnit.SECONDS);
            }
        }
    }
}
