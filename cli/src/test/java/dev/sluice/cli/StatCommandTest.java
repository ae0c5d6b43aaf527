package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.port.PortAddress;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayCounter;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code sluice stat} on the counters files of relays that live, have ended or have died. */
class StatCommandTest {
    @TempDir
    Path directory;
    private final StringWriter written = new StringWriter();
    private Path file;

    @BeforeEach
    void setUp() {
        file = directory.resolve("counters");
    }

    private Relay relay() throws Exception {
        return Relay.open(new RelayContext()
            .listen(directory.resolve("agent.sock"))
            .guest(PortAddress.parse("unix:" + directory.resolve("console.sock")))
            .countersFile(file));
    }

    private int stat(final String... arguments) {
        final String[] all = new String[arguments.length + 1];
        all[0] = "stat";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        final CommandLine commandLine = Main.commandLine().setOut(new PrintWriter(written));
        return commandLine.execute(all);
    }

    private String output() {
        final String output = written.toString();
        written.getBuffer().setLength(0);
        return output;
    }

    @Test
    void tellsOfARelayThatLivesAndOfOneThatHasEnded() throws Exception {
        try (Relay relay = relay()) {
            assertFalse(relay.awaitReady(java.time.Duration.ZERO));
            assertEquals(0, stat(file.toString()));
            final String alive = output();
            assertTrue(alive.matches("relay " + ProcessHandle.current().pid() + ", started 20[-0-9]+T[:0-9]+Z, alive\n"), alive);
            relay.shutdown();
            relay.run();
        }
        assertEquals(0, stat(file.toString(), "--all"));
        final String[] lines = output().split("\n");
        assertTrue(lines[0].matches("relay [0-9]+, started [^,]+, ended [^,]+Z: STOPPED"), lines[0]);
        assertEquals(1 + RelayCounter.values().length, lines.length);
        assertTrue(lines[1].matches("clients accepted +0"), lines[1]);
    }

    @Test
    void tellsOfARelayThatDied() throws Exception {
        final Process died = SluiceProcess.start(directory, "relay", "--guest", "ring:" + directory.resolve("console"), "--listen",
            directory.resolve("agent.sock").toString(), "--counters-file", file.toString(), "--ready-deadline", "1h").process();
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.exists(file)) {
            assertTrue(System.nanoTime() < deadline && died.isAlive(), "no counters file");
            Thread.onSpinWait();
        }
        died.destroyForcibly();
        assertTrue(died.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, stat(file.toString()));
        assertTrue(output().startsWith("relay " + died.pid() + ", started "));
        assertEquals(0, stat("--json", file.toString()));
        final JsonNode json = new ObjectMapper().readTree(output());
        assertFalse(json.get("alive").booleanValue());
        assertTrue(json.get("ended").isNull());
    }

    @Test
    void jsonHasEveryCounterByItsMetricName() throws Exception {
        try (Relay relay = relay()) {
            assertEquals(0, stat(file.toString(), "--json"));
            final JsonNode json = new ObjectMapper().readTree(output());
            assertEquals(ProcessHandle.current().pid(), json.get("pid").longValue());
            assertTrue(json.get("alive").booleanValue());
            assertTrue(json.get("outcome").isNull());
            for (final RelayCounter counter : RelayCounter.values()) {
                assertEquals(relay.counters().get(counter), json.get("counters").get(counter.metricName()).longValue());
            }
            assertEquals(RelayCounter.values().length, json.get("counters").size());
        }
    }

    @Test
    void watchGoesOnWithRatesUntilTheRelayHasEnded() throws Exception {
        final CompletableFuture<Integer> watching;
        try (Relay relay = relay()) {
            watching = CompletableFuture.supplyAsync(() -> stat("--watch=10ms", "--all", file.toString()));
            final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!written.toString().contains("/s")) {
                assertTrue(System.nanoTime() < deadline && !watching.isDone(), "no rates: " + written);
                Thread.onSpinWait();
            }
            relay.shutdown();
            relay.run();
        }
        assertEquals(0, watching.get(20, TimeUnit.SECONDS));
        final String output = output();
        assertTrue(output.contains(": STOPPED\n"), output);
        assertTrue(output.matches("(?s).*clients accepted +0 +0\\.0/s\n.*"), output);
        assertFalse(output.matches("(?s).*guest ready +0 +0\\.0/s\n.*"), "a gauge has no rate");
    }

    @Test
    void watchTakesNoFileForItsSeconds() throws Exception {
        relay().close();
        assertEquals(0, stat("--watch", file.toString()));
        assertTrue(output().contains("FAILED"), "it was closed without having run");
        assertEquals(0, stat(file.toString(), "--watch", "5"));
        assertEquals(0, stat(file.toString(), "--watch"));
        assertEquals(0, stat("--watch=500ms", file.toString()));
        assertEquals(125, stat(file.toString(), "--watch", "0"));
        assertEquals(125, stat(file.toString(), "--watch", "1d"));
    }

    @Test
    void gaugesOfARelayThatIsGoneAreMarked() throws Exception {
        relay().close();
        assertEquals(0, stat(file.toString(), "--all"));
        final String output = output();
        assertTrue(output.matches("(?s).*\nclients connected +0 \\(at its end\\)\n.*"), output);
        assertTrue(output.matches("(?s).*\nclients accepted +0\n.*"), output);
    }

    @Test
    void aFullDiskIsSaid() throws Exception {
        relay().close();
        for (final String form : new String[] {"--all", "--json"}) {
            final SluiceProcess.Result result = SluiceProcess.start(new ProcessBuilder(
                SluiceProcess.commandLine(directory, "stat", form, file.toString())).redirectOutput(new File("/dev/full"))).await();
            assertEquals(125, result.exitCode());
            assertEquals("sluice: cannot write standard output: No space left on device\n", result.stderr());
        }
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        Files.writeString(file, "something else\n");
        final SluiceProcess.Result result = SluiceProcess.run(directory, new byte[0], "stat", file.toString());
        assertEquals(125, result.exitCode());
        assertEquals("sluice: " + file + " is not a counters file\n", result.stderr());
        final Path missing = directory.resolve("missing");
        assertEquals("sluice: cannot open counters file " + missing + ": No such file or directory (ENOENT)\n",
            SluiceProcess.run(directory, new byte[0], "stat", missing.toString()).stderr());
        assertEquals(125, stat(directory.toString()));
        assertEquals(125, stat());
        assertEquals("", output());
    }
}
