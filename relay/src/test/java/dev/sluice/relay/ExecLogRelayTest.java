package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.execlog.LogSource;
import dev.sluice.ffi.Errno;
import dev.sluice.port.PortAddress;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exec log of a relay between real sockets, read with the reader that is for everybody. */
class ExecLogRelayTest {
    @TempDir
    Path directory;
    private Path log;
    private Wire.GuestConsole console;
    private Relay relay;
    private CompletableFuture<RelayOutcome> outcome;
    private RelayCounters counters;

    @BeforeEach
    void listen() throws IOException {
        log = directory.resolve("log");
        console = new Wire.GuestConsole(directory.resolve("console.sock"));
    }

    @AfterEach
    void stop() throws Exception {
        stopRelay();
        console.close();
    }

    private void stopRelay() throws Exception {
        if (relay != null) {
            relay.shutdown();
            outcome.get(10, TimeUnit.SECONDS);
            relay.close();
            relay = null;
        }
    }

    private Wire.End startReady(final RelayContext context) throws Exception {
        return startReady(context, Wire.READY);
    }

    private Wire.End startReady(final RelayContext context, final byte[] ready) throws Exception {
        relay = Relay.open(context.listen(directory.resolve("agent.sock")).execLog(log)
            .guest(PortAddress.parse("unix:" + directory.resolve("console.sock"))));
        counters = relay.counters();
        final Relay started = relay;
        outcome = new CompletableFuture<>();
        Thread.ofPlatform().name("relay-under-test").start(() -> {
            try {
                outcome.complete(started.run());
            } catch (final Throwable e) {
                outcome.completeExceptionally(e);
            }
        });
        final Wire.End guest = console.accept();
        guest.write(ready);
        assertTrue(relay.awaitReady(Duration.ofSeconds(10)));
        return guest;
    }

    private Wire.Client connect() throws IOException {
        return Wire.Client.connect(directory.resolve("agent.sock"));
    }

    /** Opens a session and waits until the guest has its request. */
    private static void open(final Wire.Client client, final Wire.End guest, final int n, final boolean tty) throws IOException {
        final byte[] request = Wire.frame(client.id(n), ExecLogFrames.START, ExecLogFrames.request(tty, 0));
        client.write(request);
        assertArrayEquals(request, guest.readFrame());
    }

    private static byte[] output(final Wire.Client client, final int n, final String stream, final byte[] data) {
        return Wire.frame(client.id(n), 0, ExecLogFrames.output(stream, data));
    }

    private static byte[] output(final Wire.Client client, final int n, final String stream, final String data) {
        return output(client, n, stream, data.getBytes(UTF_8));
    }

    private static byte[] exited(final Wire.Client client, final int n) {
        return Wire.frame(client.id(n), ExecLogFrames.TERMINAL, Wire.EXITED_BODY);
    }

    private static void await(final String what, final BooleanSupplier condition) {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "waited in vain for " + what);
            Thread.onSpinWait();
        }
    }

    /** Lines as {@code source id data}. */
    private List<String> lines() throws IOException {
        final List<String> lines = new ArrayList<>();
        try (LogReader reader = ExecLog.read(log, LogQuery.EVERYTHING)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                lines.add(line.source().text() + " " + line.session() + " " + new String(line.data(), UTF_8));
            }
            assertEquals(0, reader.skippedLines() + reader.tornLines());
        }
        return lines;
    }

    @Test
    void sessionsAreRecordedBetweenTheMarkers() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            open(client, guest, 2, true);
            guest.write(output(client, 1, "stdout", "hi\n"));
            guest.write(output(client, 1, "stderr", "warn\n"));
            guest.write(output(client, 2, "stdout", "\u001b[1m# "));
            guest.write(exited(client, 1));
            for (int i = 0; i < 4; i++) {
                client.readFrame();
            }
        }
        stopRelay();
        assertEquals(List.of("system 0 --- sandbox started ---\n", "stdout 1 hi\n", "stderr 1 warn\n", "output 2 \u001b[1m# ",
            "system 0 --- sandbox stopped ---\n"), lines());
        assertEquals(5, counters.get(RelayCounter.EXEC_LOG_LINES));
        assertEquals(Files.size(log.resolve("exec.log")), counters.get(RelayCounter.EXEC_LOG_BYTES));
    }

    @Test
    void numbersOfSessionsAreNeverReused() throws Exception {
        try (Wire.End guest = startReady(new RelayContext())) {
            for (int i = 1; i <= 3; i++) {
                try (Wire.Client client = connect()) {
                    for (int again = 0; again < 2; again++) {
                        open(client, guest, 1, false);
                        guest.write(output(client, 1, "stdout", "run " + i + "." + again));
                        guest.write(exited(client, 1));
                        client.readFrame();
                        client.readFrame();
                    }
                }
            }
        }
        stopRelay();
        assertEquals(List.of("stdout 1 run 1.0", "stdout 2 run 1.1", "stdout 3 run 2.0", "stdout 4 run 2.1", "stdout 5 run 3.0",
            "stdout 6 run 3.1"), lines().stream().filter(line -> line.startsWith("stdout")).toList());
    }

    /** An agent says so of a frame that it could not use, with a terminal frame; the program goes on. */
    @Test
    void programsAreRecordedBeyondAnErrorInTheirSession() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            guest.write(output(client, 1, "stdout", "before"));
            guest.write(Wire.frame(client.id(1), ExecLogFrames.TERMINAL, ExecLogFrames.body("core.error", new byte[] {(byte) 0xA0})));
            guest.write(output(client, 1, "stdout", "behind"));
            guest.write(exited(client, 1));
            for (int i = 0; i < 4; i++) {
                client.readFrame();
            }
        }
        stopRelay();
        assertEquals("beforebehind", lines().stream().filter(line -> line.startsWith("stdout 1 ")).map(line -> line.substring(9))
            .collect(Collectors.joining()));
    }

    /** Of that frame the relay has the header when it ends the session; what follows the end of a session would be nobody's. */
    @Test
    void aFrameThatHasBegunToComeDoesNotFollowTheEndOfAProgramThatCannotBeRecorded() throws Exception {
        final RelayContext context =
            new RelayContext().execLogPolicy(ExecLogPolicy.FAIL_CLOSED).limit(RelayLimit.EXEC_LOG_SESSION_BYTES, 100);
        try (Wire.End guest = startReady(context); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            final byte[] tooMuch = output(client, 1, "stdout", new byte[200]);
            final byte[] begun = output(client, 1, "stdout", "begun");
            guest.write(Wire.concat(tooMuch, Arrays.copyOf(begun, FrameDescriptor.HEADER_LENGTH)));
            assertArrayEquals(tooMuch, client.readFrame());
            assertEquals("core.exec.failed", Wire.type(client.readFrame()));
            assertEquals("core.exec.signal", Wire.type(guest.readFrame()));
            guest.write(Wire.concat(Arrays.copyOfRange(begun, FrameDescriptor.HEADER_LENGTH, begun.length), exited(client, 1)));
            open(client, guest, 2, false);
            final byte[] next = output(client, 2, "stdout", "of the next");
            guest.write(next);
            assertArrayEquals(next, client.readFrame());
        }
    }

    @Test
    void onlyOutputOfProgramsIsRecorded() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            client.write(Wire.frame(client.id(2), ExecLogFrames.START, Wire.FS_REQUEST_BODY));
            guest.readFrame();
            guest.write(output(client, 2, "stdout", "not a program's"));
            guest.write(output(client, 3, "stdout", "nobody's"));
            guest.write(Wire.frame(client.id(1), 0, ExecLogFrames.body("core.fs.data", ExecLogFrames.dataPayload(new byte[9]))));
            guest.write(Wire.frame(client.id(1), 0, "00"));
            guest.write(Wire.frame(client.id(1), 0, ""));
            guest.write(Wire.frame(client.id(1), 0, ExecLogFrames.reordered("core.exec.stderr",
                ExecLogFrames.dataPayload("in another order".getBytes(UTF_8)))));
            for (int i = 0; i < 6; i++) {
                client.readFrame();
            }
        }
        stopRelay();
        assertEquals(List.of("stderr 1 in another order"), lines().stream().filter(line -> !line.startsWith("system")).toList());
    }

    @Test
    void charactersSplitBetweenFramesAreWholeAndBytesAreExact() throws Exception {
        final byte[] text = "ä€𐍈".getBytes(UTF_8);
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            for (final byte value : text) {
                guest.write(output(client, 1, "stdout", new byte[] {value}));
                client.readFrame();
            }
            guest.write(output(client, 1, "stdout", new byte[] {(byte) 0xF0, (byte) 0x9F}));
            guest.write(exited(client, 1));
            client.readFrame();
            client.readFrame();
        }
        stopRelay();
        final List<String> lines = lines();
        assertEquals(List.of("stdout 1 ä", "stdout 1 €", "stdout 1 𐍈"), lines.subList(1, 4));
        final ByteArrayOutputStream recovered = new ByteArrayOutputStream();
        ExecLog.recover(log, 1, LogSource.STDOUT, recovered);
        assertArrayEquals(ExecLogFrames.joined(text, new byte[] {(byte) 0xF0, (byte) 0x9F}), recovered.toByteArray());
    }

    @Test
    void outputOfManySessionsIsRecoveredWhateverItsFrames() throws Exception {
        final Random random = new Random(Seeds.next("frames"));
        final int count = 5;
        final ByteArrayOutputStream[] expected = new ByteArrayOutputStream[2 * count];
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = connect()) {
            for (int n = 0; n < count; n++) {
                open(client, guest, n + 1, false);
                expected[2 * n] = new ByteArrayOutputStream();
                expected[2 * n + 1] = new ByteArrayOutputStream();
            }
            final CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < 400 + count; i++) {
                        client.readFrame();
                    }
                } catch (final IOException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < 400; i++) {
                final int stream = random.nextInt(2 * count);
                final byte[] data = new byte[random.nextInt(10) == 0 ? random.nextInt(200_000) : random.nextInt(300)];
                random.nextBytes(data);
                expected[stream].writeBytes(data);
                final byte[] payload = ExecLogFrames.dataPayload(data);
                final String type = stream % 2 == 0 ? "core.exec.stdout" : "core.exec.stderr";
                guest.write(Wire.frame(client.id(stream / 2 + 1), 0,
                    random.nextInt(8) == 0 ? ExecLogFrames.reordered(type, payload) : ExecLogFrames.body(type, payload)));
            }
            for (int n = 0; n < count; n++) {
                guest.write(exited(client, n + 1));
            }
            reading.get(20, TimeUnit.SECONDS);
        }
        stopRelay();
        for (int stream = 0; stream < 2 * count; stream++) {
            final ByteArrayOutputStream recovered = new ByteArrayOutputStream();
            final ExecLog.Recovered summary =
                ExecLog.recover(log, stream / 2 + 1, stream % 2 == 0 ? LogSource.STDOUT : LogSource.STDERR, recovered);
            assertEquals(0, summary.gaps());
            assertArrayEquals(expected[stream].toByteArray(), recovered.toByteArray());
        }
    }

    @Test
    void aGuestThatDiesIsMarkedAndWhatCameOfItsFrameIsKept() throws Exception {
        try (Wire.End guest = startReady(new RelayContext()); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            final byte[] frame = output(client, 1, "stdout", "x".repeat(1000));
            guest.write(java.util.Arrays.copyOf(frame, frame.length - 400));
            guest.channel.close();
            client.readToEnd();
            await("the loss", () -> counters.get(RelayCounter.GUESTS_LOST) == 1);
            try (Wire.End next = console.accept()) {
                next.write(Wire.READY);
                await("the next guest", () -> counters.get(RelayCounter.GUESTS_READY) == 2);
            }
        }
        stopRelay();
        assertEquals(List.of("system 0 --- sandbox started ---\n", "stdout 1 " + "x".repeat(600), "system 0 --- sandbox stopped ---\n",
            "system 0 --- sandbox started ---\n", "system 0 --- sandbox stopped ---\n"), lines());
    }

    @Test
    void outputIsRecordedThatItsClientDoesNotTakeAnyMore() throws Exception {
        try (Wire.End guest = startReady(new RelayContext())) {
            final int id;
            try (Wire.Client client = connect()) {
                open(client, guest, 1, false);
                id = client.id(1);
            }
            guest.readFrame();
            guest.write(Wire.frame(id, 0, ExecLogFrames.output("stdout", "last words".getBytes(UTF_8))));
            guest.write(Wire.frame(id, ExecLogFrames.TERMINAL, Wire.EXITED_BODY));
            await("the end", () -> counters.get(RelayCounter.SESSIONS_ENDED) == 1);
        }
        stopRelay();
        assertTrue(lines().contains("stdout 1 last words"));
    }

    @Test
    void aSecondRelayIsNotLetIntoTheSameDirectory() throws Exception {
        try (Wire.End guest = startReady(new RelayContext())) {
            assertTrue(guest.channel.isOpen());
            final IOException e = assertThrows(IOException.class, () -> Relay.open(new RelayContext().execLog(log)
                .listen(directory.resolve("other.sock")).guest(PortAddress.parse("unix:" + directory.resolve("other")))));
            assertTrue(e.getMessage().contains("another relay"), e.getMessage());
        }
    }

    @Test
    void aDiskThatTakesNothingCostsGapsAndNoTime() throws Exception {
        final FaultyDisk disk = new FaultyDisk();
        try (Wire.End guest = startReady(new RelayContext().posix(disk.posix())); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            guest.write(output(client, 1, "stdout", "before;"));
            client.readFrame();
            await("the first line", () -> counters.get(RelayCounter.EXEC_LOG_LINES) == 2);
            disk.fail(Errno.ENOSPC);
            for (int i = 0; i < 100; i++) {
                guest.write(output(client, 1, "stdout", "lost;"));
                client.readFrame();
            }
            await("the loss", () -> counters.get(RelayCounter.EXEC_LOG_BYTES_FAILED) == 500);
            disk.fail(0);
            await("the gap", () -> counters.get(RelayCounter.EXEC_LOG_GAPS) == 1);
            guest.write(output(client, 1, "stdout", "after;"));
            client.readFrame();
        }
        stopRelay();
        assertEquals(List.of("system 0 --- sandbox started ---\n", "stdout 1 before;",
            "system 1 --- gap: 500 bytes of stdout lost: ENOSPC ---\n", "stdout 1 after;", "system 0 --- sandbox stopped ---\n"), lines());
    }

    @Test
    void neverWaitsOnTheDisk() throws Exception {
        final FaultyDisk disk = new FaultyDisk();
        disk.delay(TimeUnit.MILLISECONDS.toNanos(50));
        final RelayContext context = new RelayContext().posix(disk.posix()).limit(RelayLimit.EXEC_LOG_BUFFER, 1 << 19);
        final byte[] data = "0123456789abcdef".repeat(4096).getBytes(UTF_8);
        long received = 0;
        try (Wire.End guest = startReady(context); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            final byte[] frame = output(client, 1, "stdout", data);
            for (int i = 0; i < 500; i++) {
                guest.write(frame);
                received += client.readFrame().length == frame.length ? data.length : 0;
            }
            // The disk would have taken at least 50 ms for each 256 KiB.
            assertTrue(counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND) > 0, "the client has everything, and the log is behind");
        }
        stopRelay();
        final ExecLog.Recovered recovered = ExecLog.recover(log, 1, LogSource.STDOUT, new ByteArrayOutputStream());
        assertEquals(received, recovered.bytes() + recovered.gapBytes());
        assertEquals(recovered.gapBytes(), counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND));
    }

    @Test
    void aSessionWithWindowsIsSlowedDownInsteadOfGettingAGap() throws Exception {
        final FaultyDisk disk = new FaultyDisk();
        disk.delay(TimeUnit.MILLISECONDS.toNanos(5));
        final RelayContext context = new RelayContext().posix(disk.posix()).limit(RelayLimit.EXEC_LOG_BUFFER, 1 << 19);
        final int window = 64 * 1024;
        final int total = 8_000_000;
        final byte[] expected = new byte[total];
        new Random(Seeds.next("output")).nextBytes(expected);
        try (Wire.End guest = startReady(context, ExecLogFrames.readyWithWindows()); Wire.Client client = connect()) {
            client.write(Wire.frame(client.id(1), ExecLogFrames.START, ExecLogFrames.request(false, window)));
            guest.readFrame();
            final CompletableFuture<Long> sending = CompletableFuture.supplyAsync(() -> sendWithin(guest, client.id(1), window, expected));
            int received = 0;
            long consumed = 0;
            while (received < total) {
                final byte[] frame = client.readFrame();
                received += frame.length - 46;
                consumed += frame.length;
                // A client that has much room grants more than the log could take in.
                client.write(Wire.frame(client.id(1), 0, ExecLogFrames.window(1, 4 * frame.length)));
            }
            assertTrue(consumed > total);
            final long grants = sending.get(20, TimeUnit.SECONDS);
            assertTrue(grants < 4L * total / 1000, "the relay grants in parts, not frame by frame: " + grants);
            assertEquals(0, counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND));
        }
        stopRelay();
        final ByteArrayOutputStream recovered = new ByteArrayOutputStream();
        assertEquals(new ExecLog.Recovered(total, 0, 0), ExecLog.recover(log, 1, LogSource.STDOUT, recovered));
        assertArrayEquals(expected, recovered.toByteArray());
    }

    /** A guest that keeps to its windows. @return how many grants it got */
    private static long sendWithin(final Wire.End guest, final int id, final int window, final byte[] data) {
        try {
            long allowed = window;
            long grants = 0;
            for (int at = 0; at < data.length;) {
                final int length = Math.min(1000, data.length - at);
                final byte[] frame = Wire.frame(id, 0, ExecLogFrames.output("stdout", java.util.Arrays.copyOfRange(data, at, at + length)));
                while (allowed < frame.length) {
                    final byte[] grant = guest.readFrame();
                    allowed += ExecLogFrames.grantedBytes(grant);
                    grants++;
                }
                guest.write(frame);
                allowed -= frame.length;
                at += length;
            }
            return grants;
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void grantsOfOthersAndForInputPassUnchanged() throws Exception {
        try (Wire.End guest = startReady(new RelayContext(), ExecLogFrames.readyWithWindows()); Wire.Client client = connect()) {
            client.write(Wire.frame(client.id(1), ExecLogFrames.START, ExecLogFrames.request(false, 65_536)));
            guest.readFrame();
            open(client, guest, 2, false);
            guest.write(output(client, 1, "stdout", "x"));
            client.readFrame();
            final byte[] input = Wire.frame(client.id(1), 0, ExecLogFrames.window(0, 5));
            final byte[] foreign = Wire.frame(client.id(2), 0, ExecLogFrames.window(1, 5));
            final byte[] unknown = Wire.frame(client.id(9), 0, ExecLogFrames.window(2, 5));
            client.write(ExecLogFrames.joined(Wire.frame(client.id(1), 0, ExecLogFrames.window(2, 70_000)), input, foreign, unknown));
            final List<String> expected = List.of(hex(input), hex(foreign), hex(unknown));
            final List<String> passed = new ArrayList<>();
            long granted = 0;
            for (int i = 0; i < 4; i++) {
                final byte[] frame = guest.readFrame();
                if (expected.contains(hex(frame))) {
                    passed.add(hex(frame));
                } else {
                    granted += ExecLogFrames.grantedBytes(frame);
                }
            }
            assertEquals(expected, passed);
            assertEquals(70_000, granted, "there is room in the log: the grant goes on, as the relay's own frame");
        }
    }

    private static String hex(final byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }

    @Test
    void failClosedEndsProgramsThatCannotBeRecorded() throws Exception {
        final FaultyDisk disk = new FaultyDisk();
        final RelayContext context = new RelayContext().posix(disk.posix()).execLogPolicy(ExecLogPolicy.FAIL_CLOSED);
        try (Wire.End guest = startReady(context); Wire.Client client = connect(); Wire.Client idle = connect()) {
            open(client, guest, 1, false);
            open(idle, guest, 1, false);
            guest.write(output(client, 1, "stdout", "before;"));
            client.readFrame();
            await("the first line", () -> counters.get(RelayCounter.EXEC_LOG_LINES) == 2);
            disk.fail(Errno.EIO);
            guest.write(output(client, 1, "stdout", "not recorded;"));
            client.readFrame();
            assertFailed(client);
            assertFailed(idle);
            assertKilled(guest.readFrame());
            assertKilled(guest.readFrame());
            guest.write(output(client, 1, "stdout", "nobody sees this;"));
            guest.write(exited(client, 1));
            guest.write(exited(idle, 1));
            await("the end of both", () -> counters.get(RelayCounter.SESSIONS_ENDED) == 2);
            assertEquals(3, counters.get(RelayCounter.GUEST_FRAMES_NOT_RECORDED));
            assertEquals(2, counters.get(RelayCounter.EXEC_LOG_SESSIONS_ENDED));
            open(client, guest, 2, false);
            assertFailed(client);
            assertKilled(guest.readFrame());
            guest.write(exited(client, 2));
            disk.fail(0);
            await("the gap", () -> counters.get(RelayCounter.EXEC_LOG_GAPS) == 1);
            open(client, guest, 3, false);
            guest.write(output(client, 3, "stdout", "recorded again"));
            client.readFrame();
        }
        stopRelay();
        assertTrue(lines().contains("stdout 4 recorded again"));
    }

    @Test
    void failClosedKillsAProgramOnlyBehindItsRequest() throws Exception {
        final FaultyDisk disk = new FaultyDisk();
        final RelayContext context = new RelayContext().posix(disk.posix()).execLogPolicy(ExecLogPolicy.FAIL_CLOSED);
        try (Wire.End guest = startReady(context); Wire.Client client = connect()) {
            await("the first line", () -> counters.get(RelayCounter.EXEC_LOG_LINES) == 1);
            disk.fail(Errno.EIO);
            open(client, guest, 1, false);
            guest.write(output(client, 1, "stdout", "not recorded;"));
            client.readFrame();
            assertFailed(client);
            assertKilled(guest.readFrame());
            // Requests between other frames, until the guest's socket is full somewhere in the middle of what the relay has admitted.
            final Set<Integer> started = new HashSet<>();
            final int batch = 24;
            int requests = 0;
            long waiting = 0;
            while (waiting < 8000) {
                if (waiting == 0) {
                    final ByteArrayOutputStream frames = new ByteArrayOutputStream();
                    for (int i = 0; i < batch; i++) {
                        frames.writeBytes(Wire.frame(client.id(1), 0, ExecLogFrames.body("core.exec.stdin", new byte[2000])));
                        frames.writeBytes(Wire.frame(client.id(2 + requests++), ExecLogFrames.START, ExecLogFrames.request(false, 0)));
                    }
                    client.write(frames.toByteArray());
                    final int opened = 1 + requests;
                    await("that they are sent, or wait", () -> counters.get(RelayCounter.SESSIONS_OPENED) == opened
                        || counters.get(RelayCounter.GUEST_WAITING_BYTES) > 0);
                } else {
                    // There may be no request among so little.
                    countStarted(guest.readFrame(), started);
                }
                waiting = counters.get(RelayCounter.GUEST_WAITING_BYTES);
            }
            // The loop has gone round since: what it would do at once it has done.
            connect().close();
            for (int killed = 0; killed < requests;) {
                killed += countStarted(guest.readFrame(), started);
            }
            for (int i = 0; i < requests; i++) {
                assertFailed(client);
            }
        }
    }

    /** {@return how many programs a frame kills, which have to have been started} */
    private static int countStarted(final byte[] frame, final Set<Integer> started) {
        if ("core.exec.request".equals(Wire.type(frame))) {
            started.add(Wire.id(frame));
        } else if ("core.exec.signal".equals(Wire.type(frame))) {
            assertTrue(started.remove(Wire.id(frame)), "a program is started that nobody kills");
            return 1;
        }
        return 0;
    }

    @Test
    void theLogIsWrittenToItsEndAlsoForACallerThatIsInterrupted() throws Exception {
        final FaultyDisk disk = new FaultyDisk();
        disk.delay(TimeUnit.MILLISECONDS.toNanos(50));
        try (Wire.End guest = startReady(new RelayContext().posix(disk.posix())); Wire.Client client = connect()) {
            open(client, guest, 1, false);
            guest.write(output(client, 1, "stdout", "last words"));
            client.readFrame();
            relay.shutdown();
            outcome.get(10, TimeUnit.SECONDS);
            Thread.currentThread().interrupt();
            relay.close();
            assertTrue(Thread.interrupted(), "that it was interrupted is not forgotten");
        }
        assertEquals(List.of("system 0 --- sandbox started ---\n", "stdout 1 last words", "system 0 --- sandbox stopped ---\n"), lines());
    }

    @Test
    void aDiskThatAnswersAfterTheEndFindsNobodyToWake() throws Exception {
        final FaultyDisk disk = new FaultyDisk();
        final CountDownLatch answer = new CountDownLatch(1);
        final RelayContext context = new RelayContext().posix(disk.posix()).limit(RelayLimit.EXEC_LOG_BUFFER, 1 << 19);
        final List<Thread> before = logThreads();
        try (Wire.End guest = startReady(context); Wire.Client client = connect()) {
            disk.hold(answer);
            open(client, guest, 1, false);
            // So much that the loop waits for room in the log.
            while (counters.get(RelayCounter.EXEC_LOG_BYTES_BEHIND) == 0) {
                guest.write(output(client, 1, "stdout", new byte[60_000]));
                client.readFrame();
            }
            final List<Thread> threads = logThreads();
            threads.removeAll(before);
            stopRelay();
            final long events = disk.events();
            answer.countDown();
            for (final Thread thread : threads) {
                thread.join();
            }
            assertEquals(events, disk.events(), "the descriptor may be somebody else's by now");
        } finally {
            answer.countDown();
        }
    }

    private static List<Thread> logThreads() {
        final List<Thread> threads = new ArrayList<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> !"sluice-exec-log".equals(thread.getName()));
        return threads;
    }

    private static void assertFailed(final Wire.End client) throws IOException {
        final byte[] frame = client.readFrame();
        assertEquals(ExecLogFrames.TERMINAL, frame[8]);
        assertTrue(new String(frame, java.nio.charset.StandardCharsets.ISO_8859_1).contains("core.exec.failed"));
    }

    private static void assertKilled(final byte[] frame) {
        assertTrue(new String(frame, java.nio.charset.StandardCharsets.ISO_8859_1).contains("core.exec.signal"));
    }
}
