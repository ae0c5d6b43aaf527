package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice relay}, {@code agent} and {@code exec} as processes of their own. */
class ExecCommandTest {
    private static final byte[] NOTHING = {};

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"ring:", "unix-listen:"})
    void runsProgramsThroughARelayAndAnAgent(final String kind) throws Exception {
        final String console = temporary.resolve("console").toString();
        final String socket = temporary.resolve("agent.sock").toString();
        final SluiceProcess relay = SluiceProcess.start(
            temporary, "relay", "--guest", kind + console, "--listen", socket, "--slow-client", "evict");
        final SluiceProcess agent = SluiceProcess.start(
            temporary, "agent", "--port", ("ring:".equals(kind) ? kind : "unix:") + console);
        relay.awaitError("guest ready");
        final byte[] input = new byte[1_000_000];
        new Random(Seeds.next("input")).nextBytes(input);
        final SluiceProcess.Result result = SluiceProcess.run(
            temporary, input, "exec", "--socket", socket, "-w", "/", "-e", "A=b", "--", "sh", "-c", "cat; echo $PWD$A >&2; exit 9");
        assertEquals(9, result.exitCode(), result.stderr());
        assertArrayEquals(input, result.stdout());
        assertEquals("/b\n", result.stderr());
        final SluiceProcess.Result missing = SluiceProcess.run(temporary, NOTHING, "exec", "--socket", socket, "nosuch-program");
        assertEquals(127, missing.exitCode());
        assertTrue(missing.stderr().matches("sluice: .*nosuch-program.*\n"), missing.stderr());
        relay.terminate();
        final SluiceProcess.Result ended = relay.await();
        assertEquals(0, ended.exitCode());
        final List<String> lines = ended.stderr().lines().toList();
        assertTrue(lines.getFirst().matches("sluice: relay started: guest at " + kind + console + ", clients at (offset:)?" + socket
            + ", process " + relay.process().pid()), ended.stderr());
        assertEquals("sluice: relay ended: it was told to end", lines.getLast());
        assertEquals(0, agent.await().exitCode());
    }

    @Test
    void aRelayWhoseGuestDoesNotComeSaysSoInWords() throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(
            temporary, NOTHING, "relay", "--guest", "ring:" + temporary.resolve("console"), "--listen", temporary.resolve("agent.sock").toString(), "--ready-deadline", "50ms");
        assertTrue(result.exitCode() != 0);
        assertTrue(result.stderr().endsWith("relay ended: the guest did not become ready before the ready deadline\n"), result.stderr());
    }

    @Test
    void saysThatNoRelayIsThere() throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(
            temporary, NOTHING, "exec", "--socket", temporary.resolve("none").toString(), "--", "true");
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().matches("sluice: cannot connect to .*/none: .*\n"), result.stderr());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "nosuch", "exec", "exec --socket /x", "exec --socket /x -e NOVALUE x", "run", "run --nosuch x",
        "relay --guest nonsense:/x --listen /y", "relay --guest ring:/x", "agent", "agent --port ring:"})
    void saysInOneLineWhatWasCalledWrongly(final String arguments) throws Exception {
        final String[] split = arguments.isEmpty() ? new String[0] : arguments.split(" ");
        final SluiceProcess.Result result = SluiceProcess.run(temporary, NOTHING, split);
        assertEquals(125, result.exitCode(), result.stderr());
        assertTrue(result.stderr().matches("sluice: .*\n"), result.stderr());
        assertEquals(0, result.stdout().length);
    }
}
