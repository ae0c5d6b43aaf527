package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.execlog.LogGap;
import dev.sluice.execlog.LogLineEncoder;
import dev.sluice.execlog.LogSource;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sluice logs} as a user sees it. */
class LogsCommandTest {
    @TempDir
    private Path log;

    private final LogLineEncoder encoder = new LogLineEncoder();
    private final byte[] buffer = new byte[100_000];

    private void append(final int length) throws IOException {
        Files.write(log.resolve("exec.log"), Arrays.copyOf(buffer, length), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void write(final String time, final LogSource source, final byte[] data, final long session) throws IOException {
        append(encoder.encode(buffer, 0, Instant.parse(time).toEpochMilli(), source, data, 0, data.length, session));
    }

    private void fill() throws IOException {
        write("2026-05-03T12:00:00Z", LogSource.SYSTEM, LogLineEncoder.STARTED.getBytes(UTF_8), 0);
        write("2026-05-03T12:00:01Z", LogSource.STDOUT, "one\n".getBytes(UTF_8), 1);
        write("2026-05-03T12:00:02Z", LogSource.STDERR, "err\n".getBytes(UTF_8), 1);
        write("2026-05-03T12:00:03Z", LogSource.OUTPUT, "\u001b[1mtwo\n".getBytes(UTF_8), 2);
        write("2026-05-03T12:00:04Z", LogSource.STDOUT, new byte[] {(byte) 0xFF, 0, 10}, 1);
        append(encoder.encodeGap(buffer, 0, 0, 1, new LogGap(LogSource.STDOUT, 5, "ENOSPC")));
    }

    private SluiceProcess.Result logs(final String... options) throws Exception {
        final String[] arguments = new String[options.length + 2];
        arguments[0] = "logs";
        arguments[1] = log.toString();
        System.arraycopy(options, 0, arguments, 2, options.length);
        final SluiceProcess.Result result = SluiceProcess.run(log, new byte[0], arguments);
        assertEquals(0, result.exitCode(), result.stderr());
        return result;
    }

    @Test
    void bytesComeBackExactlyAndErrorsOnStandardError() throws Exception {
        fill();
        final SluiceProcess.Result result = logs();
        assertArrayEquals("one\n\u001b[1mtwo\n\u00ff\0\n".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), result.stdout());
        assertEquals("err\n--- gap: 5 bytes of stdout lost: ENOSPC ---\n", result.stderr());
    }

    @Test
    void optionsChoose() throws Exception {
        fill();
        assertEquals("one\n", logs("--since", "2026-05-03T14:00:01+02:00", "--until", "2026-05-03T12:00:04Z", "--session", "1",
            "--source", "stdout").stdoutText());
        assertEquals("--- sandbox started ---\n", logs("--source", "system", "--until", "2026-05-03T12:00:01Z", "--since",
            "2026-01-01T00:00:00Z").stdoutText());
        assertEquals("{\"t\":\"2026-05-03T12:00:03.000Z\",\"s\":\"output\",\"d\":\"\\u001b[1mtwo\\n\",\"id\":2}\n",
            logs("--json", "--source", "output,stderr", "--tail", "1").stdoutText());
        assertEquals("", logs("--since", "5m").stdoutText());
    }

    @Test
    void aFollowerSeesWhatIsWrittenLater() throws Exception {
        fill();
        final SluiceProcess follower = SluiceProcess.start(log, "logs", log.toString(), "-f", "--tail", "1");
        follower.awaitError("--- gap: 5 bytes");
        write("2026-05-03T12:00:05Z", LogSource.STDOUT, "later\n".getBytes(UTF_8), 3);
        follower.awaitOutput("later");
        Files.move(log.resolve("exec.log"), log.resolve("exec.log.1"));
        write("2026-05-03T12:00:06Z", LogSource.STDOUT, "in a new file\n".getBytes(UTF_8), 3);
        follower.awaitOutput("in a new file");
        follower.terminate();
        assertEquals("later\nin a new file\n", follower.await().stdoutText());
    }

    private void appendText(final String text) throws IOException {
        Files.writeString(log.resolve("exec.log"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void whatCannotBeShownIsSaid() throws Exception {
        fill();
        appendText("garbage\n{\"t\":\"2026-05");
        final String said = logs().stderr();
        assertTrue(said.contains("sluice: 1 line is none of an exec log and was skipped\n"), said);
        assertTrue(said.contains("sluice: 1 line lacks its end"), said);
    }

    @Test
    void aFollowerSaysAtOnceWhatItCannotShow() throws Exception {
        fill();
        final SluiceProcess follower = SluiceProcess.start(log, "logs", log.toString(), "-f", "--tail", "1");
        follower.awaitError("--- gap: 5 bytes");
        appendText("garbage\n");
        follower.awaitError("sluice: 1 line is none of an exec log");
        appendText("{\"t\":");
        // Made elsewhere and put there whole: a log that was replaced is missed as one, once.
        final Path other = Files.createDirectory(log.resolve("other"));
        Files.writeString(other.resolve("exec.log"), "more garbage\n");
        Files.move(other.resolve("exec.log"), log.resolve("exec.log"), StandardCopyOption.REPLACE_EXISTING);
        follower.awaitError("sluice: 2 lines are none of an exec log");
        follower.awaitError("sluice: 1 line lacks its end");
        follower.awaitError("sluice: 1 time files were gone before they were read");
        follower.terminate();
        follower.await();
    }

    @Test
    void whereNoLogIsThatIsSaid() throws Exception {
        assertFails("no exec log is there");
        final Path current = log.resolve("exec.log");
        Files.createDirectory(current);
        assertFails("no file of an exec log");
        Files.delete(current);
        Files.createSymbolicLink(current, Files.createFile(log.resolve("elsewhere")));
        assertFails("no file of an exec log");
        Files.delete(current);
        assertEquals(0, new ProcessBuilder("mkfifo", current.toString()).start().waitFor());
        assertFails("no file of an exec log");
        Files.delete(current);
        final SluiceProcess follower = SluiceProcess.start(log, "logs", log.toString(), "-f");
        write("2026-05-03T12:00:05Z", LogSource.STDOUT, "the first\n".getBytes(UTF_8), 1);
        follower.awaitOutput("the first");
        follower.terminate();
        follower.await();
    }

    private void assertFails(final String why) throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(log, new byte[0], "logs", log.toString());
        assertEquals(ExitCode.SLUICE_FAILED, result.exitCode());
        assertTrue(result.stderr().contains(why), result.stderr());
        assertEquals(1, result.stderr().lines().count(), result.stderr());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--source stdin | --source: 'stdin' is no source (allowed: stdout, stderr, output, system)",
        "--session 0 | --session: '0' (allowed: 1 and up)",
        "--session -1 | --session: '-1' is no number (allowed: 1 and up)",
        "--tail -1 | --tail: '-1' is no number (allowed: 0 and up)",
        "--tail x | --tail: 'x' is no number (allowed: 0 and up)",
        "--since 2026-05-03T12:00:01Z --until 2026-05-03T12:00:01Z | --since: 2026-05-03T12:00:01Z is not before --until",
        "--json -t | --timestamps: not with --json",
    })
    void wrongUseIsExplained(final String options, final String why) throws Exception {
        final String[] arguments = ("logs " + log + " " + options).split(" ");
        final SluiceProcess.Result result = SluiceProcess.run(log, new byte[0], arguments);
        assertEquals(ExitCode.SLUICE_FAILED, result.exitCode());
        assertTrue(result.stderr().startsWith("sluice: " + why), result.stderr());
    }

    @Test
    void aDirectoryThatIsMissingIsWaitedForWhenFollowing() throws Exception {
        final Path missing = log.resolve("nowhere");
        final SluiceProcess.Result result = SluiceProcess.run(log, new byte[0], "logs", missing.toString());
        assertEquals(ExitCode.SLUICE_FAILED, result.exitCode());
        assertEquals("sluice: " + missing + ": there is no such directory\n", result.stderr());
        final SluiceProcess follower = SluiceProcess.start(log, "logs", missing.toString(), "-f");
        write("2026-05-03T12:00:05Z", LogSource.STDOUT, "the first\n".getBytes(UTF_8), 1);
        Files.createDirectory(missing);
        Files.move(log.resolve("exec.log"), missing.resolve("exec.log"));
        follower.awaitOutput("the first");
        follower.terminate();
        follower.await();
    }

    @Test
    void aFollowerEndsWhenNothingCanComeAnyMore() throws Exception {
        fill();
        assertEquals("one\n", logs("-f", "--until", "2026-05-03T12:00:02Z", "--source", "stdout").stdoutText());
    }

    @Test
    void linesSayWhenAndOfWhichSessionTheyAre() throws Exception {
        fill();
        write("2026-05-03T12:00:05Z", LogSource.STDOUT, "a\n\nb".getBytes(UTF_8), 7);
        write("2026-05-03T12:00:06Z", LogSource.STDOUT, "c\n".getBytes(UTF_8), 8);
        assertEquals("- --- sandbox started ---\n", logs("--show-session", "--source", "system", "--until", "2026-05-03T12:00:01Z",
            "--since", "2026-01-01T00:00:00Z").stdoutText());
        assertEquals("2026-05-03T12:00:05.000Z 7 a\n2026-05-03T12:00:05.000Z 7 \n2026-05-03T12:00:05.000Z 7 b\n"
            + "2026-05-03T12:00:06.000Z 8 c\n", logs("-t", "--show-session", "--since", "2026-05-03T12:00:05Z").stdoutText());
    }

    @Test
    void aFullDiskIsSaid() throws Exception {
        fill();
        for (final String[] command : new String[][] {{"logs", log.toString()}, {"doctor"}, {"doctor", "--json"}, {"--help"}}) {
            final SluiceProcess full = SluiceProcess.start(
                new ProcessBuilder(SluiceProcess.commandLine(log, command)).redirectOutput(new File("/dev/full")));
            final SluiceProcess.Result result = full.await();
            assertEquals(ExitCode.SLUICE_FAILED, result.exitCode(), command[0]);
            assertTrue(result.stderr().endsWith("sluice: cannot write standard output: No space left on device\n"), result.stderr());
        }
    }
}
