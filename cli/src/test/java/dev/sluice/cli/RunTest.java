package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sluice run} as a user sees it. */
class RunTest {
    private static final byte[] NOTHING = {};

    @TempDir
    private Path temporary;

    @AfterEach
    void leavesNoFileBehind() throws Exception {
        try (var files = Files.list(temporary)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void passesOnInputOutputsAndExitCode() throws Exception {
        final byte[] input = new byte[5_000_000];
        new Random(Seeds.next("input")).nextBytes(input);
        final SluiceProcess.Result result =
            SluiceProcess.run(temporary, input, "run", "--", "sh", "-c", "cat; echo err >&2; exit 7");
        assertEquals(7, result.exitCode(), result.stderr());
        assertArrayEquals(input, result.stdout());
        assertEquals("err\n", result.stderr());
    }

    @Test
    void hasTheWorkingDirectoryAndEnvironmentOfItsCallerAndWhatIsAddedToThem() throws Exception {
        final ProcessBuilder builder = new ProcessBuilder(
            SluiceProcess.commandLine(temporary, "run", "-e", "ADDED=a b=c", "sh", "-c", "pwd; echo $GIVEN/$ADDED"));
        builder.directory(new File("/")).environment().put("GIVEN", "g");
        final SluiceProcess sluice = SluiceProcess.start(builder);
        assertEquals("/\ng/a b=c\n", sluice.await().stdoutText());
        assertEquals("/usr\n", SluiceProcess.run(temporary, NOTHING, "run", "-w", "/usr", "--", "pwd").stdoutText());
    }

    @ParameterizedTest
    @CsvSource({"nosuch-program, 127", "/nosuch/program, 127", "/etc/passwd, 126", "/, 126"})
    void saysInOneLineWhyAProgramCannotRun(final String program, final int exitCode) throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(temporary, NOTHING, "run", "--", program);
        assertEquals(exitCode, result.exitCode(), result.stderr());
        assertEquals(0, result.stdout().length);
        assertTrue(result.stderr().matches("sluice: .*" + program + ".*\n"), result.stderr());
    }

    @Test
    void failsByItselfWhenTheWorkingDirectoryIsNotThere() throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(temporary, NOTHING, "run", "-w", "/nosuch", "--", "true");
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().matches("sluice: .*/nosuch.*\n"), result.stderr());
    }

    @Test
    void aSignalThatEndsTheProgramIsItsExitCode() throws Exception {
        assertEquals(137, SluiceProcess.run(temporary, NOTHING, "run", "--", "sh", "-c", "kill -KILL $$").exitCode());
    }

    @Test
    void anAgentWhoseCallerIsKilledBeforeItHasAPortEnds() throws Exception {
        final Process caller = new ProcessBuilder("sleep", "1000").start();
        final SluiceProcess agent = SluiceProcess.start(
            temporary, "agent", "--end-with", Long.toString(caller.pid()), "--port", "ring:" + temporary.resolve("nobody"));
        agent.awaitError("port=ring:");
        caller.destroyForcibly();
        assertEquals(0, agent.await().exitCode());
    }

    /** Whoever started the caller may read to the end of our output before it asks for the caller's exit code. */
    @Test
    void anAgentEndsThoughNobodyHasYetAskedHowItsCallerEnded() throws Exception {
        // The shell becomes a program that never asks.
        final Process parent = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; exec sleep 1000").start();
        try {
            final long caller = Long.parseLong(parent.inputReader().readLine());
            final SluiceProcess agent = SluiceProcess.start(
                temporary, "agent", "--end-with", Long.toString(caller), "--port", "ring:" + temporary.resolve("nobody"));
            agent.awaitError("port=ring:");
            ProcessHandle.of(caller).orElseThrow().destroyForcibly();
            assertEquals(0, agent.await().exitCode());
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }

    @Test
    void endsWithTheProgramThoughItsInputDoesNot() throws Exception {
        final SluiceProcess sluice = SluiceProcess.start(temporary, "run", "--", "true");
        assertEquals(0, sluice.await().exitCode());
        sluice.process().getOutputStream().close();
    }

    @Test
    void saysThatOutputMayBeMissingWhenAProcessLeftBehindKeepsItOpen() throws Exception {
        // Out of reach of what ends a program's process group; the agent ends it as an orphan.
        final SluiceProcess.Result result = SluiceProcess.run(temporary, NOTHING, "run", "--", "sh", "-c", "setsid sleep 600 & echo hi");
        assertEquals(0, result.exitCode(), result.stderr());
        assertEquals("hi\n", result.stdoutText());
        assertTrue(result.stderr().matches("sluice: the output may lack its end: .*\n"), result.stderr());
    }

    @Test
    void passesOnSignals() throws Exception {
        // A shell's child that has not become a program of its own yet would keep the shell's trap, and live.
        final SluiceProcess sluice = SluiceProcess.start(
            temporary, "run", "--", "sh", "-c", "trap 'echo asked; exit 3' TERM; sh -c 'echo up; exec sleep 600' & wait");
        sluice.awaitOutput("up");
        sluice.terminate();
        final SluiceProcess.Result result = sluice.await();
        assertEquals(3, result.exitCode(), result.stderr());
        assertEquals("up\nasked\n", result.stdoutText());
        assertEquals("", result.stderr());
    }

    @Test
    void endsQuietlyWhenNobodyReadsItsOutput() throws Exception {
        final SluiceProcess sluice = SluiceProcess.start(temporary, "run", "--", "yes");
        sluice.awaitOutput("y");
        sluice.process().getInputStream().close();
        final SluiceProcess.Result result = sluice.await();
        assertEquals(141, result.exitCode());
        assertEquals("", result.stderr());
    }

    @Test
    void leavesNoProcessBehindWhenItIsKilled() throws Exception {
        final SluiceProcess sluice = SluiceProcess.start(temporary, "run", "--", "sh", "-c", "sleep 600 & echo up; wait");
        sluice.awaitOutput("up");
        final List<ProcessHandle> descendants = new ArrayList<>(sluice.process().descendants().toList());
        assertTrue(descendants.size() >= 3, "an agent, a shell, a sleep: " + descendants);
        sluice.process().destroyForcibly();
        for (final ProcessHandle descendant : descendants) {
            descendant.onExit().get(20, TimeUnit.SECONDS);
        }
        sluice.await();
    }

    @Test
    void whatIsLeftOfAStartThatWasKilledIsRemovedByTheNext() throws Exception {
        final SluiceProcess killed = SluiceProcess.start(temporary, "run", "--", "true");
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (temporary.toFile().list().length == 0) {
            assertTrue(System.nanoTime() - deadlineNs < 0);
            Thread.onSpinWait();
        }
        killed.process().destroyForcibly();
        killed.await();
        assertEquals(1, temporary.toFile().list().length);
        assertEquals(0, SluiceProcess.run(temporary, NOTHING, "run", "--", "true").exitCode());
    }

    @Test
    void saysThatTheGuestIsLostWhenItsAgentIsKilled() throws Exception {
        final SluiceProcess sluice = SluiceProcess.start(temporary, "run", "--", "sh", "-c", "echo up; exec sleep 600");
        sluice.awaitOutput("up");
        final List<ProcessHandle> descendants = new ArrayList<>(sluice.process().descendants().toList());
        sluice.process().children().forEach(ProcessHandle::destroyForcibly);
        final SluiceProcess.Result result = sluice.await();
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().startsWith("sluice: "), result.stderr());
        for (final ProcessHandle descendant : descendants) {
            descendant.onExit().get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void passesOnBytesThatAreNoTextInAnyLocale() throws Exception {
        final List<String> line = new ArrayList<>(List.of("sh", "-c",
            "exec \"$@\" \"$(printf '\\377=\\200')\" -- printf '%s:' \"$(printf 'a\\376b')\" '' \"$(printf 'caf\\303\\251')\"", "sh"));
        line.addAll(SluiceProcess.commandLine(temporary, "run", "-e"));
        final ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().put("LC_ALL", "C");
        final SluiceProcess.Result result = SluiceProcess.start(builder).await();
        assertEquals("a\u00feb::caf\u00c3\u00a9:", new String(result.stdout(), StandardCharsets.ISO_8859_1), result.stderr());
    }
}
