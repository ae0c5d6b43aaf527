package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DetachedProgramsTest {
    private static final long GRACE_NS = 1000;
    private static final long PATIENCE_NS = 100;

    private final DetachedPrograms<String> programs = new DetachedPrograms<>(GRACE_NS, PATIENCE_NS);

    @Test
    void aProgramIsToldToEndThenKilledThenForgotten() {
        assertEquals(Long.MAX_VALUE, programs.remainingNs(0));
        programs.add("a", 50);
        assertEquals(GRACE_NS, programs.remainingNs(50));
        assertNull(programs.pollTermination(1049));
        assertEquals(0, programs.remainingNs(1050));
        assertEquals("a", programs.pollTermination(1050));
        assertNull(programs.pollTermination(1050));
        assertNull(programs.pollKill(1149));
        assertEquals(1, programs.remainingNs(1149));
        assertTrue(programs.contains("a"));
        assertEquals("a", programs.pollKill(2000));
        assertFalse(programs.contains("a"));
        assertEquals(0, programs.size());
        assertEquals(Long.MAX_VALUE, programs.remainingNs(2000));
    }

    @Test
    void timesMayWrapAround() {
        programs.add("a", Long.MAX_VALUE);
        assertNull(programs.pollTermination(Long.MIN_VALUE + GRACE_NS - 2));
        assertEquals("a", programs.pollTermination(Long.MIN_VALUE + GRACE_NS - 1));
    }

    /** One program of the model that the next test compares with. */
    private static final class Modelled {
        private final String name;
        private long sinceNs;
        private boolean told;

        private Modelled(final String name, final long sinceNs) {
            this.name = name;
            this.sinceNs = sinceNs;
        }

        private long remainingNs(final long nowNs) {
            return Math.max(0, sinceNs + (told ? PATIENCE_NS : GRACE_NS) - nowNs);
        }
    }

    @Test
    void whateverComesAndGoesEachHasItsTime() {
        final Random random = new Random(Seeds.next("schedule"));
        final List<Modelled> model = new ArrayList<>();
        long nowNs = 0;
        for (int step = 0; step < 20_000; step++) {
            nowNs += random.nextInt(40);
            if (random.nextInt(4) == 0) {
                final String name = "program " + step;
                programs.add(name, nowNs);
                model.add(new Modelled(name, nowNs));
            }
            if (random.nextInt(8) == 0 && !model.isEmpty()) {
                programs.remove(model.remove(random.nextInt(model.size())).name);
            }
            for (final Modelled due : due(model, false, nowNs)) {
                assertEquals(due.name, programs.pollTermination(nowNs));
                due.told = true;
                due.sinceNs = nowNs;
            }
            assertNull(programs.pollTermination(nowNs));
            final List<Modelled> killed = due(model, true, nowNs);
            // Those told at the same moment are killed in the order in which they were told.
            killed.forEach(due -> assertTrue(programs.contains(due.name)));
            for (int i = 0; i < killed.size(); i++) {
                final String name = programs.pollKill(nowNs);
                assertTrue(model.removeIf(program -> program.name.equals(name) && killed.contains(program)), name);
            }
            assertNull(programs.pollKill(nowNs));
            final long time = nowNs;
            assertEquals(model.size(), programs.size());
            final long remainingNs = model.stream().mapToLong(program -> program.remainingNs(time)).min().orElse(Long.MAX_VALUE);
            assertEquals(remainingNs, programs.remainingNs(time));
        }
        programs.clear();
        assertEquals(0, programs.size());
    }

    private static List<Modelled> due(final List<Modelled> model, final boolean told, final long nowNs) {
        return model.stream().filter(program -> program.told == told && program.remainingNs(nowNs) == 0).toList();
    }
}
