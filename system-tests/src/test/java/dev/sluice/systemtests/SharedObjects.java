package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which shared objects of the system programs need, as ldd has it. */
final class SharedObjects {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private SharedObjects() {
    }

    /** Their paths, the loader's included; not those below {@code own}, which find each other. */
    static Set<Path> of(final Workspace workspace, final Collection<Path> programs, final Path own) throws Exception {
        final List<String> command = new ArrayList<>(List.of("ldd"));
        programs.forEach(program -> command.add(program.toString()));
        final Program ldd = workspace.start(command);
        assertEquals(0, ldd.awaitExit(LIMIT), () -> ldd.stderr().text());
        // name => path (address), or path (address); what a line begins with and a colon ends is the program that is looked at.
        return ldd.stdout().text().lines().filter(line -> line.startsWith("\t"))
            .flatMap(line -> Arrays.stream(line.strip().split(" "))).filter(word -> word.startsWith("/")).map(Path::of)
            .filter(path -> Files.isRegularFile(path) && !path.startsWith(own)).collect(Collectors.toCollection(TreeSet::new));
    }
}
