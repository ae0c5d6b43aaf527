package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs wrote comes back out of {@code sluice logs}, byte for byte, with a process for each of the parts. */
@TimeLimit(seconds = 1800)
class ExecLogTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int SESSIONS = 8;
    private static final int STREAMS = 2;
    private static final int MIB = 1 << 20;
    /** Of all sessions together; enough for rotation to give up files. */
    private static final long TOTAL = Full.isOn() ? 1L << 30 : 48L * MIB;
    private static final Duration TRANSFER_LIMIT = Full.isOn() ? Duration.ofMinutes(15) : Duration.ofMinutes(2);
    /** Far less than there is to read: the reader keeps one line. */
    private static final List<String> LITTLE_MEMORY = List.of("-Xmx24m");
    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");
    private static final String READY = "ready\n";

    @TempDir
    private Path directory;

    private Path log() {
        return directory.resolve("log");
    }

    private Path counters() {
        return directory.resolve("counters");
    }

    private String[] options(final String... more) {
        final List<String> options = new ArrayList<>(List.of("--exec-log", log().toString(), "--counters-file", counters().toString()));
        options.addAll(List.of(more));
        return options.toArray(String[]::new);
    }

    private long counter(final Workspace workspace, final String name) throws Exception {
        final Program stat = workspace.sluice("stat", counters().toString(), "--json");
        assertEquals(0, stat.awaitExit(LIMIT), () -> stat.stderr().text());
        final Matcher matcher = Pattern.compile("\"" + name + "\" *: *(\\d+)").matcher(stat.stdout().text());
        assertTrue(matcher.find(), () -> name + " in " + stat.stdout().text());
        return Long.parseLong(matcher.group(1));
    }

    /** What the sessions are to write: standard output and standard error of each. */
    private static MixedOutput[][] produce(final Workspace workspace) {
        final long seed = Seeds.next("output");
        final MixedOutput[][] outputs = new MixedOutput[SESSIONS][STREAMS];
        for (int i = 0; i < SESSIONS; i++) {
            for (int stream = 0; stream < STREAMS; stream++) {
                final int n = STREAMS * i + stream;
                outputs[i][stream] = MixedOutput.write(workspace.path("output-" + n), TOTAL / SESSIONS / STREAMS, seed + n);
            }
        }
        return outputs;
    }

    /** Runs a program for each session, all at once, and has the relay end. Their numbers are the order of their beginnings. */
    private static void record(final Sandbox sandbox, final MixedOutput[][] outputs) throws Exception {
        sandbox.connect().close();
        final List<Program> sessions = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            // Every other one in writes of a size that nothing divides, and which cut characters.
            final String copy = i % 2 == 0 ? "cat '%s'" : "dd 'if=%s' bs=1021 status=none";
            final Program session = sandbox.exec("sh", "-c", String.format(Locale.ROOT,
                "echo ready; read go; " + copy + " & " + copy + " >&2; wait", outputs[i][0].file(), outputs[i][1].file()));
            session.stdout().awaitLine(line -> line.equals(READY.strip()), LIMIT);
            sessions.add(session);
        }
        final long begin = System.nanoTime();
        for (final Program session : sessions) {
            session.stdin().write('\n');
            session.stdin().flush();
        }
        for (int i = 0; i < SESSIONS; i++) {
            final Program session = sessions.get(i);
            assertEquals(0, session.awaitExit(TRANSFER_LIMIT), () -> session.stderr().text());
            assertEquals(READY.length() + outputs[i][0].length(), session.stdout().length());
            assertEquals(outputs[i][1].sha256(), session.stderr().sha256(), "what the client has of " + (i + 1));
        }
        sandbox.relay().terminate();
        assertEquals(0, sandbox.relay().awaitExit(LIMIT), () -> sandbox.said());
        print("recorded", TOTAL, begin);
    }

    private static void print(final String what, final long bytes, final long begin) {
        final double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(Locale.ROOT, "%s: %d MiB in %.1f s, %.0f MB/s%n", what, bytes / MIB, seconds, bytes / seconds / 1e6);
    }

    private Program logs(final Workspace workspace, final String... options) throws Exception {
        final List<String> arguments = new ArrayList<>(List.of("logs", log().toString()));
        arguments.addAll(List.of(options));
        final Program logs = workspace.sluice(LITTLE_MEMORY, arguments.toArray(String[]::new));
        assertEquals(0, logs.awaitExit(TRANSFER_LIMIT), () -> logs.stderr().text());
        return logs;
    }

    private void assertNothingIsMissing(final Workspace workspace) throws Exception {
        for (final String name : List.of("gaps", "bytes_behind", "bytes_failed", "bytes_over_quota", "errors")) {
            assertEquals(0, counter(workspace, "sluice_relay_exec_log_" + name + "_total"), name);
        }
    }

    @Test
    void allOfItComesBackByteForByte() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING, options("--exec-log-file-bytes", "0"))) {
            final Workspace workspace = sandbox.workspace();
            final MixedOutput[][] outputs = produce(workspace);
            record(sandbox, outputs);
            assertNothingIsMissing(workspace);
            final long begin = System.nanoTime();
            for (int i = 0; i < SESSIONS; i++) {
                final Program logs = logs(workspace, "--session", String.valueOf(i + 1), "--source", "stderr");
                assertEquals(outputs[i][1].sha256(), logs.stderr().sha256(), "standard error of " + (i + 1));
                assertEquals(0, logs.stdout().length());
                final Program both = logs(workspace, "--session", String.valueOf(i + 1));
                assertEquals(outputs[i][1].length(), both.stderr().length(), "standard error of " + (i + 1));
                assertEquals(READY.length() + outputs[i][0].length(), both.stdout().length(), "standard output of " + (i + 1));
                assertEquals(outputs[i][0].sha256After(READY), both.stdout().sha256(), "standard output of " + (i + 1));
            }
            // Each time the whole log is gone through.
            print("16 times logs of one session", 2 * SESSIONS * Files.size(log().resolve("exec.log")), begin);
            final long beginAll = System.nanoTime();
            final Program all = logs(workspace);
            assertEquals(TOTAL + SESSIONS * READY.length(), all.stdout().length() + all.stderr().length());
            print("logs of everything", TOTAL, beginAll);
        }
    }

    @Test
    void theEndOfItComesBackWhenFilesAreRotated() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING, options())) {
            final Workspace workspace = sandbox.workspace();
            final MixedOutput[][] outputs = produce(workspace);
            record(sandbox, outputs);
            assertNothingIsMissing(workspace);
            assertTrue(counter(workspace, "sluice_relay_exec_log_rotations_total") > 3);
            long kept = 0;
            try (Stream<Path> files = Files.list(log())) {
                for (final Path file : files.filter(path -> path.getFileName().toString().startsWith("exec.log")).toList()) {
                    assertTrue(Files.size(file) <= 10 * MIB, () -> file.toString());
                    kept += Files.size(file);
                }
            }
            assertTrue(kept >= 30 * MIB && kept <= 40 * MIB, "kept " + kept);
            long recovered = 0;
            for (int i = 0; i < SESSIONS; i++) {
                final Program logs = logs(workspace, "--session", String.valueOf(i + 1));
                assertEquals(outputs[i][0].sha256OfLast(logs.stdout().length()), logs.stdout().sha256(), "end of output of " + (i + 1));
                assertEquals(outputs[i][1].sha256OfLast(logs.stderr().length()), logs.stderr().sha256(), "end of errors of " + (i + 1));
                recovered += logs.stdout().length() + logs.stderr().length();
            }
            System.out.printf(Locale.ROOT, "of %d MiB, %d MiB are in %d MiB of log%n", TOTAL / MIB, recovered / MIB, kept / MIB);
            // What is kept is all there: base64 and escapes make no more than three of two.
            assertTrue(recovered > 20 * MIB, "recovered " + recovered);
        }
    }

    @Test
    void numbersGoOnAfterARelayWasKilled() throws Exception {
        // With the largest buffer there may be: the JVM's own limits leave room for it.
        try (Sandbox sandbox = Sandbox.start(Console.RING, options("--exec-log-buffer", "256M"))) {
            final Workspace workspace = sandbox.workspace();
            final List<String> numbers = new ArrayList<>();
            for (int life = 0; life < 3; life++) {
                if (life > 0) {
                    sandbox.startRelay(options());
                    sandbox.startAgent();
                }
                final String said = "life " + life;
                sandbox.connect().close();
                final Program session = sandbox.exec("echo", said);
                assertEquals(0, session.awaitExit(LIMIT), () -> session.stderr().text());
                final Path file = log().resolve("exec.log");
                Await.until(() -> "the line is not in the log", LIMIT, () -> Files.readString(file).contains(said));
                if (life == 1) {
                    sandbox.relay().terminate();
                    assertEquals(0, sandbox.relay().awaitExit(LIMIT), sandbox::said);
                } else {
                    sandbox.relay().kill();
                }
                sandbox.agent().awaitExit(LIMIT);
                final Matcher id = ID.matcher(logs(workspace, "--json", "--tail", "1").stdout().text());
                assertTrue(id.find());
                numbers.add(id.group(1));
            }
            assertEquals("1", numbers.get(0));
            assertNotEquals(numbers.get(0), numbers.get(1));
            assertEquals(Long.parseLong(numbers.get(1)) + 1, Long.parseLong(numbers.get(2)), "an orderly end leaves no hole");
            for (int life = 0; life < 3; life++) {
                assertEquals("life " + life + "\n", logs(workspace, "--session", numbers.get(life)).stdout().text());
            }
        }
    }
}
