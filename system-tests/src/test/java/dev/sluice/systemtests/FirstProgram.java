package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** First programs of emulated guests, of which there is nothing but their source in {@code src/test/c}. */
final class FirstProgram {
    private static final Path SOURCES = Path.of("src", "test", "c").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private FirstProgram() {
    }

    static Path compile(final Workspace workspace, final String source) throws Exception {
        final Path program = workspace.path("init");
        final Program compiler = workspace.start(List.of(
            "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", program.toString(), SOURCES.resolve(source).toString()));
        assertEquals(0, compiler.awaitExit(LIMIT), () -> compiler.stderr().text());
        return program;
    }
}
