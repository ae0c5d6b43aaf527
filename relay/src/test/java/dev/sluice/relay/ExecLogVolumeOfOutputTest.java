package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.port.PortAddress;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Much output, text and binary, of eight sessions with windows, through a relay and back out of its log. 64 MiB; with
 * {@code -Dsluice.full=true} 1 GiB.
 */
class ExecLogVolumeOfOutputTest {
    private static final int SESSIONS = 8;
    private static final int WINDOW = 64 * 1024;
    private static final long TOTAL = Boolean.getBoolean("sluice.full") ? 1L << 30 : 64L << 20;
    private static final long EACH = TOTAL / SESSIONS;
    private static final int CHUNK = 20_000;
    /** What is kept of the end of each session, to compare with what rotation leaves. */
    private static final int KEPT = 32 << 20;

    @TempDir
    Path directory;

    /** The output of one session, made from a seed: lines of text with characters of every length, or random bytes, by turns. */
    private static final class Output {
        private final Random random;
        private final MessageDigest digest;
        private final byte[] recent;
        private long length;
        private byte[] text = new byte[0];
        private int at;

        Output(final long seed) throws NoSuchAlgorithmException {
            random = new Random(seed);
            digest = MessageDigest.getInstance("SHA-256");
            recent = new byte[(int) Math.min(KEPT, EACH)];
        }

        byte[] next() {
            final byte[] chunk = new byte[(int) Math.min(EACH - length, 1 + random.nextInt(CHUNK))];
            if (random.nextInt(3) == 0) {
                random.nextBytes(chunk);
            } else {
                for (int i = 0; i < chunk.length; i++) {
                    if (at == text.length) {
                        final String line = "line " + random.nextInt() + " of \"text\" äöü €uro 𐍈\t\u001b[1mbold\u001b[0m\n";
                        text = line.getBytes(StandardCharsets.UTF_8);
                        at = 0;
                    }
                    chunk[i] = text[at++];
                }
            }
            digest.update(chunk);
            for (int i = 0; i < chunk.length; i++) {
                recent[(int) ((length + i) % recent.length)] = chunk[i];
            }
            length += chunk.length;
            return chunk;
        }

        byte[] last(final int count) {
            final byte[] last = new byte[count];
            for (int i = 0; i < count; i++) {
                last[i] = recent[(int) ((length - count + i) % recent.length)];
            }
            return last;
        }
    }

    private Output[] record(final Path log, final long fileBytes) throws Exception {
        final RelayContext context = new RelayContext().listen(directory.resolve("agent.sock")).execLog(log)
            .limit(RelayLimit.EXEC_LOG_FILE_BYTES, fileBytes)
            .guest(PortAddress.parse("unix:" + directory.resolve("console.sock")));
        final Output[] outputs = new Output[SESSIONS];
        final long seed = Seeds.next("output");
        for (int i = 0; i < SESSIONS; i++) {
            outputs[i] = new Output(seed + i);
        }
        final CompletableFuture<RelayOutcome> outcome = new CompletableFuture<>();
        final RelayCounters counters;
        try (Wire.GuestConsole console = new Wire.GuestConsole(directory.resolve("console.sock")); Relay relay = Relay.open(context)) {
            counters = relay.counters();
            Thread.ofPlatform().name("relay-under-test").start(() -> {
                try {
                    outcome.complete(relay.run());
                } catch (final Throwable e) {
                    outcome.completeExceptionally(e);
                }
            });
            try (Wire.End guest = console.accept()) {
                guest.write(ExecLogFrames.readyWithWindows());
                assertTrue(relay.awaitReady(Duration.ofSeconds(10)));
                try (Wire.Client client = Wire.Client.connect(directory.resolve("agent.sock"))) {
                    for (int i = 0; i < SESSIONS; i++) {
                        client.write(Wire.frame(client.id(i + 1), ExecLogFrames.START, ExecLogFrames.request(false, WINDOW)));
                        guest.readFrame();
                    }
                    final CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> play(guest, client.idOffset, outputs));
                    read(client);
                    sending.get(10, TimeUnit.SECONDS);
                }
            } finally {
                relay.shutdown();
                outcome.get(10, TimeUnit.SECONDS);
            }
        } finally {
            Files.deleteIfExists(directory.resolve("console.sock"));
        }
        assertEquals(0, counters.get(RelayCounter.EXEC_LOG_GAPS));
        assertEquals(0, counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND));
        return outputs;
    }

    /** A guest with eight programs that write as much as their windows let them. */
    private static void play(final Wire.End guest, final int idOffset, final Output[] outputs) {
        try {
            final long[] allowed = new long[SESSIONS];
            Arrays.fill(allowed, WINDOW);
            long left = TOTAL;
            while (left > 0) {
                boolean sent = false;
                for (int i = 0; i < SESSIONS; i++) {
                    while (allowed[i] > CHUNK + 64 && outputs[i].length < EACH) {
                        final byte[] data = outputs[i].next();
                        final byte[] frame = Wire.frame(idOffset + i + 1, 0, ExecLogFrames.output("stdout", data));
                        guest.write(frame);
                        allowed[i] -= frame.length;
                        left -= data.length;
                        sent = true;
                    }
                }
                if (!sent && left > 0) {
                    final byte[] grant = guest.readFrame();
                    allowed[java.nio.ByteBuffer.wrap(grant).getInt(4) - idOffset - 1] += ExecLogFrames.grantedBytes(grant);
                }
            }
            for (int i = 0; i < SESSIONS; i++) {
                guest.write(Wire.frame(idOffset + i + 1, ExecLogFrames.TERMINAL, Wire.EXITED_BODY));
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void read(final Wire.Client client) throws IOException {
        final long[] consumed = new long[SESSIONS];
        for (int ended = 0; ended < SESSIONS;) {
            final byte[] frame = client.readFrame();
            final int session = java.nio.ByteBuffer.wrap(frame).getInt(4) - client.idOffset - 1;
            if (frame[8] == ExecLogFrames.TERMINAL) {
                ended++;
                continue;
            }
            consumed[session] += frame.length;
            if (consumed[session] >= WINDOW / 2) {
                client.write(Wire.frame(client.id(session + 1), 0, ExecLogFrames.window(1, (int) consumed[session])));
                consumed[session] = 0;
            }
        }
    }

    @Test
    @TimeLimit(seconds = 600)
    void allOfItComesBackByteForByte() throws Exception {
        final Path log = directory.resolve("log");
        final Output[] outputs = record(log, 0);
        final MessageDigest[] digests = new MessageDigest[SESSIONS];
        for (int i = 0; i < SESSIONS; i++) {
            digests[i] = MessageDigest.getInstance("SHA-256");
        }
        long bytes = 0;
        try (LogReader reader = ExecLog.read(log, LogQuery.OUTPUTS)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                digests[(int) line.session() - 1].update(line.data());
                bytes += line.data().length;
            }
            assertEquals(0, reader.skippedLines() + reader.tornLines());
        }
        assertEquals(TOTAL, bytes);
        for (int i = 0; i < SESSIONS; i++) {
            assertArrayEquals(outputs[i].digest.digest(), digests[i].digest(), "session " + (i + 1));
        }
    }

    @Test
    @TimeLimit(seconds = 600)
    void theEndOfItComesBackWhenFilesAreRotated() throws Exception {
        final Path log = directory.resolve("log");
        final Output[] outputs = record(log, 10 << 20);
        long logBytes = 0;
        try (var files = Files.list(log)) {
            for (final Path file : files.toList()) {
                logBytes += Files.size(file);
                assertTrue(Files.size(file) <= 10 << 20);
            }
        }
        assertTrue(logBytes >= 30 << 20, "the last 30 MiB of the log are there: " + logBytes);
        for (int i = 0; i < SESSIONS; i++) {
            final java.io.ByteArrayOutputStream recovered = new java.io.ByteArrayOutputStream();
            ExecLog.recover(log, i + 1, dev.sluice.execlog.LogSource.STDOUT, recovered);
            assertArrayEquals(outputs[i].last(recovered.size()), recovered.toByteArray(), "session " + (i + 1));
        }
    }
}
