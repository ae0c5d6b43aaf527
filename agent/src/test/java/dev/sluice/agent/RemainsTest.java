package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How control groups are removed, with directories in their place: those are empty groups as far as files tell. */
class RemainsTest {
    private static final int GROUPS = 3;
    private static final int INNER = 20;
    private static final int DEEP = 300;
    private static final long SECOND_NS = 1_000_000_000;

    @TempDir
    private Path directory;
    private final List<String> warnings = new ArrayList<>();
    private final Remains remains = new Remains(Posix.system(), null, warnings::add);

    @Test
    void oneSweepRemovesNoMoreThanItsAllowanceAndAllHaveTheirTurns() throws IOException {
        for (int i = 0; i < GROUPS; i++) {
            final Path group = Files.createDirectory(directory.resolve("program-" + i));
            for (int j = 0; j < INNER; j++) {
                Files.createDirectory(group.resolve("inner-" + j));
            }
            remains.add(new ControlGroup(group), false);
        }
        long nowNs = 0;
        long left = count(directory);
        assertEquals(GROUPS * (INNER + 1), left);
        for (int sweeps = 0; left > 0; sweeps++) {
            assertTrue(sweeps < GROUPS * 2 * INNER, () -> "left in " + directory);
            nowNs += SECOND_NS;
            remains.sweep(nowNs);
            final long now = count(directory);
            // The group itself goes with the last that is in it.
            assertTrue(left - now <= Remains.REMOVALS_A_SWEEP + 1, left + " became " + now);
            assertTrue(left - now > 0, left + " became " + now);
            left = now;
            if (sweeps == GROUPS - 1) {
                for (int i = 0; i < GROUPS; i++) {
                    final Path group = directory.resolve("program-" + i);
                    assertTrue(!Files.exists(group) || count(group) < INNER, group + " has had no turn");
                }
            }
        }
        assertEquals(Long.MAX_VALUE, remains.remainingNs(nowNs));
        assertEquals(List.of(), warnings);
    }

    @Test
    void oneThatIsTooDeepIsGivenUp() throws IOException {
        final Path group = Files.createDirectory(directory.resolve("program-1"));
        Files.createDirectories(group.resolve("d/".repeat(DEEP)));
        remains.add(new ControlGroup(group), false);
        long nowNs = 0;
        for (int sweeps = 0; remains.remainingNs(nowNs) != Long.MAX_VALUE; sweeps++) {
            assertTrue(sweeps < 100, "looked at for ever");
            nowNs += Math.max(0, remains.remainingNs(nowNs));
            remains.sweep(nowNs);
        }
        assertTrue(nowNs > 30 * SECOND_NS, "given up after ns: " + nowNs);
        assertEquals(List.of("a control group that is empty cannot be removed and is left behind: " + group), warnings);
        assertEquals(DEEP, count(group));
    }

    private static long count(final Path outer) throws IOException {
        try (Stream<Path> files = Files.walk(outer)) {
            return files.count() - 1;
        }
    }
}
