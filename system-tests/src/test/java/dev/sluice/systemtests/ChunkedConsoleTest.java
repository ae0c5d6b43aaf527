package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecResult;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A console that cuts the stream as a Linux virtio port does. */
class ChunkedConsoleTest {
    private static final int COPY_BYTES = 10_000_000;
    private static final int CLIENTS = 4;

    @Test
    @TimeLimit(seconds = 120)
    void worksTheSameInSmallPieces() throws Exception {
        Sluice.assumeBuilt();
        final long seed = Seeds.next("copies");
        try (Workspace workspace = new Workspace()) {
            final Path host = workspace.path("host");
            final Path guest = workspace.path("guest");
            final Path socket = workspace.path("agent.sock");
            workspace.sluice("agent", "--port", "unix-listen:" + guest);
            workspace.sluice("relay", "--guest", "unix:" + host, "--listen", socket.toString());
            try (ChunkingPump pump = ChunkingPump.join(host, guest)) {
                copyAtOnce(socket, seed);
                assertTrue(pump.isOpen());
            }
        }
    }

    private static void copyAtOnce(final Path socket, final long seed) throws Exception {
        try (ExecutorService executor = Executors.newFixedThreadPool(CLIENTS)) {
            final List<Future<?>> copies = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                final Random random = new Random(seed + i);
                copies.add(executor.submit(() -> {
                    copy(socket, random);
                    return null;
                }));
            }
            for (final Future<?> copy : copies) {
                copy.get();
            }
        }
    }

    /** 10 MB there and back, through one program. */
    private static void copy(final Path socket, final Random random) throws Exception {
        final byte[] input = new byte[COPY_BYTES];
        random.nextBytes(input);
        try (SandboxClient client = Sandbox.connect(socket)) {
            final ExecResult result = client.exec(ExecOptions.command("sh", "-c", "cat; echo done >&2; exit 5").build(), input);
            assertArrayEquals(input, result.stdout());
            assertEquals("done\n", result.stderrText());
            assertEquals(5, result.exitCode());
        }
    }
}
