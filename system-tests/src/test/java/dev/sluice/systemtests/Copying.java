package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Copies random bytes through a program in a sandbox, there and back at once, comparing each. */
final class Copying {
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private Copying() {
    }

    /** Returns when all of the bytes are back, and the same. */
    static void copy(final SandboxClient client, final long seed, final int blocks) throws Exception {
        try (ExecSession cat = client.start(ExecOptions.command("cat").build())) {
            final CompletableFuture<Void> written = CompletableFuture.runAsync(() -> write(cat, seed, blocks));
            final Random expected = new Random(seed);
            final byte[] block = new byte[BLOCK_BYTES];
            for (int i = 0; i < blocks; i++) {
                expected.nextBytes(block);
                assertArrayEquals(block, cat.stdout().readNBytes(BLOCK_BYTES));
            }
            assertEquals(-1, cat.stdout().read());
            assertEquals(0, cat.waitFor(END_LIMIT));
            written.get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static void write(final ExecSession session, final long seed, final int blocks) {
        final Random random = new Random(seed);
        final byte[] block = new byte[BLOCK_BYTES];
        try (OutputStream stdin = session.stdin()) {
            for (int i = 0; i < blocks; i++) {
                random.nextBytes(block);
                stdin.write(block);
            }
        } catch (final java.io.IOException e) {
            throw new CompletionException(e);
        }
    }
}
