package dev.sluice.systemtests;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/** Programs of the system that some tests need and not every machine has. */
final class Tools {
    private Tools() {
    }

    static boolean isInstalled(final String name) {
        return Arrays.stream(System.getenv("PATH").split(":")).anyMatch(directory -> Files.isExecutable(Path.of(directory, name)));
    }

    /** Skips the test where the program is missing. */
    static void assumeInstalled(final String name, final String remedy) {
        Assumptions.assumeTrue(isInstalled(name), name + " is not installed: " + remedy);
    }
}
