package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice ping} and {@code sluice stop} as processes. */
class PingStopTest {
    private static final byte[] NOTHING = {};
    private static final long LIMIT_SECONDS = 30;

    @TempDir
    private Path directory;

    @Test
    void answersAreCountedAndTheEndIsOrderly() throws Exception {
        final RunningSandbox sandbox = RunningSandbox.start(directory);
        final SluiceProcess.Result three = sandbox.sluice("ping", "-c", "3", "-i", "10ms", "--socket", "@");
        assertEquals(0, three.exitCode(), three.stderr());
        final List<String> lines = three.stdoutText().lines().toList();
        assertEquals(4, lines.size(), three.stdoutText());
        assertTrue(lines.get(2).matches("answer 3: [0-9]+\\.[0-9]{3} ms"), lines.get(2));
        assertTrue(lines.get(3).matches("3 asked, 3 answered, least/mean/most [0-9./]+ ms"), lines.get(3));

        final SluiceProcess endless = sandbox.start("ping", "--json", "-i", "1h", "--socket", "@");
        endless.awaitOutput("\n");
        endless.signal("INT");
        final SluiceProcess.Result interrupted = endless.await();
        assertEquals(0, interrupted.exitCode(), interrupted.stderr());
        final List<String> objects = interrupted.stdoutText().lines().toList();
        final JsonNode answer = new ObjectMapper().readTree(objects.getFirst());
        assertEquals(1, answer.get("seq").intValue());
        assertTrue(answer.get("time_ms").doubleValue() > 0);
        assertEquals(1, new ObjectMapper().readTree(objects.getLast()).get("answered").intValue());

        final List<ProcessHandle> below = sandbox.process().process().descendants().toList();
        final SluiceProcess.Result stop = sandbox.sluice("stop", "--socket", "@");
        assertEquals("", stop.stderr());
        assertEquals(0, stop.exitCode());
        final SluiceProcess.Result end = sandbox.process().await();
        assertEquals(0, end.exitCode(), end.stderr());
        for (final ProcessHandle process : below) {
            process.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        assertFalse(Files.exists(Path.of(sandbox.socket())));
    }

    @Test
    void anAgentThatIsSilentIsToldFromOneThatAnswers() throws Exception {
        final RunningSandbox sandbox = RunningSandbox.start(directory);
        final ProcessHandle agent = sandbox.process().process().children().findFirst().orElseThrow();
        signal(agent, "STOP");
        try {
            final SluiceProcess.Result silent = sandbox.sluice("ping", "-c", "1", "-W", "100ms", "--socket", "@");
            assertEquals(1, silent.exitCode(), silent.stderr());
            assertEquals("no answer 1 within 100ms\n1 asked, 0 answered\n", silent.stdoutText());
        } finally {
            signal(agent, "CONT");
        }
        sandbox.end();
    }

    private static void signal(final ProcessHandle process, final String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-s", name, Long.toString(process.pid())).start().waitFor());
    }

    @Test
    void aStopThatIsRefusedIsAnError() throws Exception {
        final String console = directory.resolve("console").toString();
        final String socket = directory.resolve("s").toString();
        final int other = 12345;
        final SluiceProcess relay = SluiceProcess.start(directory, "relay", "--guest", "ring:" + console, "--listen", socket,
            "--allow-shutdown", Integer.toString(other));
        final SluiceProcess agent = SluiceProcess.start(directory, "agent", "--port", "ring:" + console);
        relay.awaitError("guest ready");
        final SluiceProcess.Result stop = SluiceProcess.run(directory, NOTHING, "stop", "--socket", socket);
        assertEquals(125, stop.exitCode());
        assertTrue(stop.stderr().matches("sluice: .* it does not let this user shut the sandbox down\n"), stop.stderr());
        assertEquals(0, SluiceProcess.run(directory, NOTHING, "ping", "-c", "1", "--socket", socket).exitCode());
        relay.terminate();
        assertEquals(0, relay.await().exitCode());
        assertEquals(0, agent.await().exitCode());
    }
}
