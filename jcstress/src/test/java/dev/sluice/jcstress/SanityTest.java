package dev.sluice.jcstress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Every test runs for an instant; {@code jcstress/run} runs them for long. */
class SanityTest {
    private static final String ACCESS = "--enable-native-access=ALL-UNNAMED";

    @Test
    @TimeLimit(seconds = 300)
    void everyTestRuns() throws IOException, InterruptedException {
        final Path directory = Files.createDirectories(Path.of("target", "sanity"));
        final Path log = directory.resolve("log");
        final Process harness = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), ACCESS, "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), "org.openjdk.jcstress.Main",
            "-m", "sanity", "-sc", "false", "-strideSize", "8", "-strideCount", "8", "-jvmArgs", ACCESS, "-r", "report")
            .directory(directory.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertTrue(harness.waitFor(280, TimeUnit.SECONDS), "the harness does not end");
        } finally {
            harness.destroyForcibly().waitFor();
        }
        final String output = Files.readString(log);
        assertEquals(0, harness.exitValue(), output);
        assertTrue(output.contains("Results: 10 planned; 10 passed, 0 failed"), output);
    }
}
