package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.TimeLimit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A relay is killed and another one takes its place, while the agent and its programs go on. */
@TimeLimit(seconds = 300)
class RelayRestartTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /** Longer than a relay takes to start on a machine that is busy. */
    private static final String GRACE = "20s";

    @ParameterizedTest
    @EnumSource
    void programsOutliveTheirRelayForAWhileAndTheNextOneServes(final Console console) throws Exception {
        try (Sandbox sandbox = Sandbox.start(console)) {
            sandbox.startLastingAgent(GRACE);
            final Path go = sandbox.workspace().path("go");
            final Path done = sandbox.workspace().path("done");
            final long pid;
            try (SandboxClient client = sandbox.connect()) {
                pid = client.start(ExecOptions.shell(
                    "while [ ! -e " + go + " ]; do echo stale; sleep 0.01; done; touch " + done + "; sleep 1000").build()).pid();
                sandbox.relay().kill();
                sandbox.relay().awaitExit(LIMIT);
            }
            sandbox.startRelay();
            try (SandboxClient client = sandbox.connect()) {
                assertEquals("fresh\n", client.exec("echo", "fresh").stdoutText());
                assertTrue(ProcessTag.isRunning(pid), sandbox::said);
                Files.createFile(go);
                Await.until(() -> "the program does not go on\n" + sandbox.said(), LIMIT, () -> Files.exists(done));
                Await.until(() -> "outlived its grace: " + pid, LIMIT, () -> !ProcessTag.isRunning(pid));
                assertEquals("fresh\n", client.exec("echo", "fresh").stdoutText());
            }
            sandbox.agent().terminate();
            assertEquals(0, sandbox.agent().awaitExit(LIMIT));
        }
    }
}
