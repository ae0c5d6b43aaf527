package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice sandbox}: relay and agent as one command that serves others. */
class SandboxCommandTest {
    private static final byte[] NOTHING = {};
    /** How long an agent is waited for that does not end; an end that is ordered must not come to that. */
    private static final long AGENT_END_NS = TimeUnit.SECONDS.toNanos(10);

    @TempDir
    private Path temporary;

    private Path socket() {
        return temporary.resolve("box").resolve("agent.sock");
    }

    private SluiceProcess start() throws Exception {
        final SluiceProcess sandbox = SluiceProcess.start(Files.createDirectories(temporary.resolve("tmp")),
            "sandbox", "--listen", socket().toString());
        sandbox.awaitError("sandbox ready at " + socket() + ", process " + sandbox.process().pid() + "\n");
        return sandbox;
    }

    private void assertNothingIsLeft(final List<ProcessHandle> processes) throws Exception {
        for (final ProcessHandle process : processes) {
            process.onExit().get(20, TimeUnit.SECONDS);
        }
        assertFalse(Files.exists(socket()));
        assertArrayEquals(new String[0], temporary.resolve("tmp").toFile().list());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void servesUntilItIsToldToEndAndEndsAtOnce(final String signal) throws Exception {
        final SluiceProcess sandbox = start();
        final SluiceProcess.Result result = SluiceProcess.run(
            temporary, "in".getBytes(), "exec", "--socket", socket().toString(), "--", "sh", "-c", "cat; exit 3");
        assertEquals(3, result.exitCode(), result.stderr());
        assertEquals("in", result.stdoutText());
        final List<ProcessHandle> below = sandbox.process().descendants().toList();
        assertFalse(below.isEmpty(), "an agent");
        final long begin = System.nanoTime();
        sandbox.signal(signal);
        final SluiceProcess.Result end = sandbox.await();
        final long took = System.nanoTime() - begin;
        assertEquals(0, end.exitCode(), end.stderr());
        assertEquals(1, end.stderr().lines().count(), end.stderr());
        assertTrue(took < AGENT_END_NS, "ended after " + TimeUnit.NANOSECONDS.toMillis(took) + " ms");
        assertNothingIsLeft(below);
    }

    @Test
    void programsThatRunEndWithIt() throws Exception {
        final SluiceProcess sandbox = start();
        final SluiceProcess exec = SluiceProcess.start(
            temporary, "exec", "--socket", socket().toString(), "--", "sh", "-c", "echo up; exec sleep 600");
        exec.awaitOutput("up");
        final List<ProcessHandle> below = sandbox.process().descendants().toList();
        assertTrue(below.size() >= 2, "an agent, a program: " + below);
        sandbox.terminate();
        final SluiceProcess.Result end = sandbox.await();
        assertEquals(0, end.exitCode(), end.stderr());
        assertEquals(125, exec.await().exitCode());
        assertNothingIsLeft(below);
    }

    @Test
    void anAgentThatIsKilledIsAFailure() throws Exception {
        final SluiceProcess sandbox = start();
        final List<ProcessHandle> below = sandbox.process().descendants().toList();
        sandbox.process().children().forEach(ProcessHandle::destroyForcibly);
        final SluiceProcess.Result end = sandbox.await();
        assertEquals(125, end.exitCode(), end.stderr());
        assertTrue(end.stderr().endsWith("sluice: the agent ended by itself: exit status 137\n"), end.stderr());
        assertNothingIsLeft(below);
    }

    @Test
    void isEndedWhileItStarts() throws Exception {
        final SluiceProcess sandbox = SluiceProcess.start(Files.createDirectories(temporary.resolve("tmp")),
            "sandbox", "--listen", socket().toString());
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.exists(socket())) {
            assertTrue(System.nanoTime() < deadline, "no socket");
            Thread.onSpinWait();
        }
        final List<ProcessHandle> below = sandbox.process().descendants().toList();
        sandbox.terminate();
        sandbox.await();
        for (final ProcessHandle process : below) {
            process.onExit().get(20, TimeUnit.SECONDS);
        }
        assertArrayEquals(new String[0], temporary.resolve("tmp").toFile().list());
    }

    @Test
    void aSocketThatAnotherServesIsRefused() throws Exception {
        final SluiceProcess sandbox = start();
        final SluiceProcess.Result second = SluiceProcess.run(temporary, NOTHING, "sandbox", "--listen", socket().toString());
        assertEquals(125, second.exitCode());
        assertTrue(second.stderr().matches("sluice: .*is in use by process " + sandbox.process().pid() + ".*\n"), second.stderr());
        final SluiceProcess.Result wrong = SluiceProcess.run(temporary, NOTHING, "sandbox", "--listen", "range:/tmp/x");
        assertEquals("sluice: --listen: 'range:/tmp/x': a plain path is wanted: /tmp/x\n", wrong.stderr());
        sandbox.terminate();
        assertEquals(0, sandbox.await().exitCode());
    }
}
