package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Every fault that relay and agent promise to survive has a test that bears its row in the fault list: {@code a1_}, {@code b2_} and so
 * on. So has each thing that is never done.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultListTest {
    /**
     * The rows that concern relay and agent. A process that cannot be killed (h3) takes a device or a file system that hangs, so there the
     * calls that kill are made to fail.
     */
    private static final String ROWS = "a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 b1 b2 b3 b4 b5 c1 c2 c3 c4 c6 c7 c9 c10 c11 c12 d1 d2 d9 e7 "
        + "f1 f3 f4 f5 f6 f8 f9 f10 f11 f12 g1 g2 g3 g4 g5 g7 "
        + "h1 h2 h3 h4 h5 h6 h7 h8 h9 h10 h11 h12 h13 h14 h15 h16 h17 h18 h19 h20";
    private static final String NEVERS = "neverDropsAFrameSilently neverClearsABufferAndCarriesOn neverClampsAnIdIntoSomebodysRange "
        + "neverReusesARangeWhileItsOldSessionsSpeak neverWaitsOnTheDisk";
    private static final Pattern TEST =
        Pattern.compile("@(?:Test|ParameterizedTest)\\b(?:\\s*@[^\\n]*|\\s*//[^\\n]*)*\\s+void (\\w+)\\(");

    private final List<String> tests = new ArrayList<>();

    FaultListTest() throws IOException {
        final Path project = Path.of("").toAbsolutePath().getParent();
        try (Stream<Path> modules = Files.list(project)) {
            for (final Path sources : modules.map(module -> module.resolve("src/test/java")).filter(Files::isDirectory).toList()) {
                readTests(sources);
            }
        }
    }

    private void readTests(final Path sources) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            for (final Path file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
                TEST.matcher(Files.readString(file)).results().forEach(found -> tests.add(found.group(1)));
            }
        }
    }

    @Test
    void everyRowHasATest() {
        final Set<String> rows = tests.stream().filter(name -> name.matches("[a-h][0-9]+_.*"))
            .map(name -> name.substring(0, name.indexOf('_'))).collect(Collectors.toSet());
        final Set<String> missing = new TreeSet<>(Arrays.asList(ROWS.split(" ")));
        missing.removeAll(rows);
        assertEquals(Set.of(), missing);
    }

    @Test
    void everyNeverHasATest() {
        final Set<String> missing = new TreeSet<>(Arrays.asList(NEVERS.split(" ")));
        tests.forEach(missing::remove);
        assertEquals(Set.of(), missing);
    }
}
