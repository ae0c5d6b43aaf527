package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice run}: a program through ring, relay, agent and client, seen from the shell that starts it. */
@TimeLimit(seconds = 120)
class SpineTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int FILE_MIB = 100;
    private static final int TERM = 15;
    private static final File NO_INPUT = new File("/dev/null");

    private Workspace workspace;

    @BeforeEach
    void open() throws IOException {
        Sluice.assumeBuilt();
        workspace = new Workspace();
    }

    /** Whatever happened: no process, no file. */
    @AfterEach
    void nothingIsLeft() throws Exception {
        if (workspace != null) {
            try (Workspace used = workspace) {
                used.assertOnlyLeft(Duration.ofSeconds(5));
            }
        }
    }

    private Program run(final String... arguments) throws IOException {
        return workspace.sluice(NO_INPUT, concat("run", arguments));
    }

    private static String[] concat(final String first, final String... rest) {
        final String[] all = new String[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    @Test
    void copiesAFileByteForByteAndExitsWithTheProgramsCode() throws Exception {
        final Path file = workspace.path("file");
        final MessageDigest expected = Output.newDigest();
        expected.update("out\n".getBytes());
        writeRandom(file, expected);
        final long begin = System.nanoTime();
        final Program program =
            workspace.sluice(file.toFile(), "run", "--", "sh", "-c", "echo out; echo err >&2; cat; exit 7");
        assertEquals(7, program.awaitExit(LIMIT), () -> program.stderr().text());
        System.out.printf("%d MiB through cat: %.2f s, starts and ends included%n", FILE_MIB, (System.nanoTime() - begin) / 1e9);
        assertEquals("err\n", program.stderr().text());
        assertEquals((FILE_MIB << 20) + "out\n".length(), program.stdout().length());
        assertEquals(HexFormat.of().formatHex(expected.digest()), program.stdout().sha256());
    }

    private static void writeRandom(final Path file, final MessageDigest digest) throws IOException {
        final Random random = new Random(Seeds.next("file"));
        final byte[] block = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < FILE_MIB; i++) {
                random.nextBytes(block);
                digest.update(block);
                out.write(block);
            }
        }
    }

    @Test
    void programThatDoesNotExist() throws Exception {
        assertFailsWithOneLine(Sluice.NOT_FOUND, "nosuch", run("--", "nosuch"));
    }

    @Test
    void programThatCannotBeExecuted() throws Exception {
        final Path script = Files.writeString(workspace.path("not-executable"), "#!/bin/sh\n");
        assertFailsWithOneLine(Sluice.NOT_EXECUTABLE, "not-executable", run("--", script.toString()));
    }

    @Test
    void directoryThatDoesNotExist() throws Exception {
        assertFailsWithOneLine(Sluice.FAILED, "/nosuch", run("-w", "/nosuch", "--", "true"));
    }

    @Test
    void relayThatIsNotThere() throws Exception {
        final String socket = workspace.path("nobody.sock").toString();
        assertFailsWithOneLine(Sluice.FAILED, socket,
            workspace.sluice(NO_INPUT, "exec", "--connect-deadline", "1", "--socket", socket, "--", "true"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nosuch", "run --nosuch -- true", "run", "relay", "relay --guest nosuch:x --listen y", "agent --port x"})
    void wrongUse(final String commandLine) throws Exception {
        final String[] arguments = commandLine.isEmpty() ? new String[0] : commandLine.split(" ");
        assertFailsWithOneLine(Sluice.FAILED, "", workspace.sluice(NO_INPUT, arguments));
    }

    private static void assertFailsWithOneLine(final int status, final String subject, final Program program) throws Exception {
        final int found = program.awaitExit(LIMIT);
        final String message = program.stderr().text();
        assertEquals(status, found, message);
        assertEquals(1, message.lines().count(), message);
        assertTrue(message.startsWith("sluice: ") && message.endsWith("\n") && message.contains(subject), message);
        assertEquals("", program.stdout().text());
    }

    @Test
    void programThatKillsItself() throws Exception {
        final Program program = run("--", "sh", "-c", "kill -TERM $$");
        assertEquals(Sluice.SIGNALLED + TERM, program.awaitExit(LIMIT));
        assertEquals("", program.stderr().text());
    }

    @Test
    void signalIsTheProgramsToTake() throws Exception {
        final Program program = run("--", "sh", "-c", "trap 'echo caught; exit 3' TERM; echo set; while :; do :; done");
        program.stdout().awaitLine("set"::equals, LIMIT);
        program.terminate();
        assertEquals(3, program.awaitExit(LIMIT));
        assertEquals("set\ncaught\n", program.stdout().text());
    }

    @Test
    void environmentAndDirectory() throws Exception {
        final Program program = run("-e", "ONE=1", "-e", "TWO=two words", "-w", "/usr", "--", "sh", "-c", "echo $ONE \"$TWO\"; pwd");
        assertEquals(0, program.awaitExit(LIMIT), () -> program.stderr().text());
        assertEquals("1 two words\n/usr\n", program.stdout().text());
        assertEquals("", program.stderr().text());
    }

    @Test
    void killedRunLeavesNothingBehind() throws Exception {
        final Program program = run("--", "sh", "-c", "echo running; sleep 1000 & sleep 1000");
        program.stdout().awaitLine("running"::equals, LIMIT);
        program.kill();
        workspace.end(program);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "doctor", "run --help", "relay --help", "agent --help", "exec --help"})
    void informationComesWithoutWarnings(final String commandLine) throws Exception {
        final Program program = workspace.sluice(NO_INPUT, commandLine.split(" "));
        assertEquals(0, program.awaitExit(LIMIT), () -> program.stderr().text());
        assertEquals("", program.stderr().text());
        assertTrue(program.stdout().length() > 0);
        // Where a JVM writes its warnings to.
        assertFalse(program.stdout().text().contains("64-Bit Server VM warning"), program.stdout().text());
    }

    @Test
    void relayAndAgentSayWhatTheyDoAndNothingOfTheirJvm() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING)) {
            sandbox.connect().close();
            for (final Program program : List.of(sandbox.relay(), sandbox.agent())) {
                program.terminate();
                assertEquals(0, program.awaitExit(LIMIT), () -> program.stderr().text());
                assertTrue(program.stderr().text().lines().allMatch(line -> line.startsWith("sluice: ")), program.stderr().text());
            }
            sandbox.workspace().assertOnlyLeft(Duration.ZERO);
        }
    }
}
