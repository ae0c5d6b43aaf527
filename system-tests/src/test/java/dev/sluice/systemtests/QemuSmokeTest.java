package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A real guest kernel at the other end: a relay serves a virtio port of an emulated machine. */
class QemuSmokeTest {
    /** A boot takes 4 s on an idle machine. */
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(90);
    private static final Duration EXCHANGE_LIMIT = Duration.ofSeconds(60);
    private static final int[] BODY_BYTES = {64, 4096, 65_536, 1_048_576};
    private static final int FRAMES_BYTES = 8 * 1024 * 1024;
    private static final int MAX_FRAMES = 200;

    @Test
    @TimeLimit(seconds = 300)
    void framesPassThroughAVirtioPortUnchanged() throws Exception {
        Sluice.assumeBuilt();
        try (Workspace workspace = new Workspace()) {
            final EmulatedGuest guest = EmulatedGuest.prepare(workspace);
            final Path socket = workspace.path("agent.sock");
            final Path console = bootWithOneRetry(workspace, guest);
            final Program relay = workspace.sluice("relay", "--guest", "unix:" + console, "--listen", socket.toString());
            exchangeAll(socket);
            workspace.end(relay);
            // The port outlives its host: the guest says hello again.
            workspace.sluice("relay", "--guest", "unix:" + console, "--listen", socket.toString());
            exchangeAll(socket);
        }
    }

    private static Path bootWithOneRetry(final Workspace workspace, final EmulatedGuest guest) throws Exception {
        final Path first = workspace.path("console.sock");
        final Program machine = guest.boot(first);
        try {
            machine.stdout().awaitLine(line -> line.contains("frame-guest: waiting for a host"), BOOT_LIMIT);
            return first;
        } catch (final AssertionError e) {
            System.out.println("first boot given up: " + e.getMessage());
            workspace.end(machine);
        }
        final Path second = workspace.path("console2.sock");
        guest.boot(second).stdout().awaitLine(line -> line.contains("frame-guest: waiting for a host"), BOOT_LIMIT);
        return second;
    }

    private static void exchangeAll(final Path socket) throws Exception {
        final Random random = new Random(Seeds.next("frames"));
        try (Wire client = Wire.connect(socket, BOOT_LIMIT)) {
            for (final int bytes : BODY_BYTES) {
                exchange(client, random, bytes);
            }
        }
    }

    /** Sends without waiting for answers, as fast as they go, while another thread compares what comes back. */
    private static void exchange(final Wire client, final Random random, final int bodyBytes) throws Exception {
        final Queue<byte[]> frames = new ArrayDeque<>();
        for (int i = 0; i < Math.min(MAX_FRAMES, FRAMES_BYTES / bodyBytes); i++) {
            final byte[] body = new byte[bodyBytes];
            random.nextBytes(body);
            frames.add(Wire.frame(client.id(1 + i), body));
        }
        final CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                for (final byte[] frame : frames) {
                    client.write(frame);
                }
            } catch (final java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        for (final byte[] frame : frames) {
            assertArrayEquals(frame, client.readFrame(), "a frame of " + bodyBytes + " bytes");
        }
        sent.get(EXCHANGE_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
}
