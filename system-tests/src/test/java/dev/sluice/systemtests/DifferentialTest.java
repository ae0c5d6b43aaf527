package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.SandboxClient;
import dev.sluice.protocol.ByteString;
import dev.sluice.testsupport.TimeLimit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs run directly and in a sandbox, and nobody can tell which is which: the same bytes of output, exit codes and errors. Relay and
 * agent are processes; what they are compared with is {@link DirectRunner}.
 */
@TimeLimit(seconds = 60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DifferentialTest {
    private static final int CODES = 256;
    /** The agent tells its own programs by it; only they have it. */
    private static final String MARK = "SLUICE_AGENT";

    private Sandbox sandbox;
    private SandboxClient client;
    private DirectRunner direct;
    private SandboxRunner sandboxed;
    private Path fixture;
    private List<ByteString> agentEnvironment;

    @BeforeAll
    void start() throws Exception {
        sandbox = Sandbox.start(Console.RING);
        direct = DirectRunner.start(sandbox.workspace());
        client = sandbox.connect();
        sandboxed = new SandboxRunner(client);
        fixture = Files.createDirectory(sandbox.workspace().path("fixture"));
        agentEnvironment = environmentOf(sandbox.agent());
        TrialFixture.make(this::prepare);
    }

    @AfterAll
    void end() throws Exception {
        if (sandbox == null) {
            return;
        }
        try {
            if (client != null) {
                sandboxed.close();
                client.close();
            }
            if (direct != null) {
                direct.close();
            }
        } finally {
            sandbox.close();
        }
    }

    private void prepare(final Trial step) throws IOException {
        final TrialResult result = direct.run(step, directoryOf(step), environmentOf(step));
        assertEquals("exit 0", result.outcome(), result.describe());
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.systemtests.ShellTrials#all")
    void shells(final Trial trial) throws Exception {
        compare(trial);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.systemtests.SignalTrials#all")
    void signals(final Trial trial) throws Exception {
        compare(trial);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.systemtests.StreamTrials#all")
    void streams(final Trial trial) throws Exception {
        compare(trial);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.systemtests.NameTrials#all")
    void names(final Trial trial) throws Exception {
        compare(trial);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.systemtests.StartTrials#all")
    void starts(final Trial trial) throws Exception {
        compare(trial);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.systemtests.TerminalTrials#all")
    void terminals(final Trial trial) throws Exception {
        compare(trial);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.systemtests.LimitTrials#all")
    void limits(final Trial trial) throws Exception {
        compare(trial);
    }

    @ParameterizedTest
    @MethodSource("dev.sluice.systemtests.AccountTrials#all")
    void users(final Trial trial) throws Exception {
        Assumptions.assumeTrue(Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")),
            "only root runs programs as others");
        compare(trial);
    }

    @Test
    void everyExitCode() throws Exception {
        for (int code = 0; code < CODES; code++) {
            final TrialResult found = compare(Trial.script("exit code " + code, "sh", "exit $1", String.valueOf(code)));
            assertEquals("exit " + code, found.outcome());
        }
    }

    @Test
    void wholeEnvironment() throws Exception {
        final Trial trial = Trial.of("environment", "env", "-0").environment("ADDED=1").environment("PATH=/usr/bin:/bin");
        final List<String> expected = lines(direct.run(trial, directoryOf(trial), environmentOf(trial)));
        final List<String> found = lines(sandboxed.run(trial, directoryOf(trial)));
        final List<String> marks = found.stream().filter(variable -> variable.startsWith(MARK)).toList();
        assertEquals(1, marks.size(), marks.toString());
        found.removeAll(marks);
        assertEquals(expected, found);
    }

    private static List<String> lines(final TrialResult result) {
        assertEquals("exit 0", result.outcome(), result.describe());
        final List<String> variables = new ArrayList<>(List.of(new String(result.stdout()).split("\0")));
        variables.sort(null);
        return variables;
    }

    private TrialResult compare(final Trial trial) throws Exception {
        final TrialResult expected = direct.run(trial, directoryOf(trial), environmentOf(trial));
        final TrialResult found = sandboxed.run(trial, directoryOf(trial));
        assertEquals(expected.describe(), found.describe(), () -> trial + "\n" + sandbox.said());
        assertTrue(Arrays.equals(expected.stdout(), found.stdout()) && Arrays.equals(expected.stderr(), found.stderr()),
            trial.toString());
        return found;
    }

    private ByteString directoryOf(final Trial trial) {
        final ByteString directory = trial.directory();
        if (!directory.isEmpty() && directory.byteAt(0) == '/') {
            return directory;
        }
        final ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.writeBytes((fixture + "/").getBytes());
        joined.writeBytes(directory.toByteArray());
        return ByteString.copyOf(joined.toByteArray());
    }

    /** What the program is to get: the agent's environment, overridden by where the user is at home, overridden by the trial's. */
    private List<ByteString> environmentOf(final Trial trial) throws IOException {
        final Map<ByteString, ByteString> byName = new LinkedHashMap<>();
        for (final List<ByteString> variables : List.of(agentEnvironment, AccountTrials.home(trial.user()), trial.environment())) {
            variables.forEach(variable -> byName.put(variable.substring(0, variable.indexOf('=')), variable));
        }
        return List.copyOf(byName.values());
    }

    private static List<ByteString> environmentOf(final Program program) throws IOException {
        final byte[] all = Files.readAllBytes(Path.of("/proc", String.valueOf(program.pid()), "environ"));
        final ByteString bytes = ByteString.copyOf(all);
        final List<ByteString> variables = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] == 0) {
                variables.add(bytes.substring(start, i));
                start = i + 1;
            }
        }
        return variables;
    }
}
