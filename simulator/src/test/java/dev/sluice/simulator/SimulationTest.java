package dev.sluice.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whole relays in simulated worlds: some seeds that are always the same, and some that never were before. */
class SimulationTest {
    /** What long runs have found. A scenario that is drawn otherwise makes them seeds like any other. */
    private static final long[] ONCE_FAILED = {
        -7469110515546642724L, 2003890, 2006088, 5111500, 5134712, 5232281, 5360042, 5520487, 5541356, 5753458, 5947462};
    private static final long KEPT_SEEDS_FIRST = 1;
    private static final int KEPT_SEEDS = 2000;
    /** A few: a build tells what a change has broken; looking for what nobody knows yet is the work of simulator/run. */
    private static final int FRESH_SEEDS = 500;
    private static final long REPLAYED_FIRST = 7;
    private static final int REPLAYED = 20;
    private static final int SHARED_SEEDS = 300;
    private static final int JOBS = 3;

    @Test
    void keptSeedsPassAndCoverWhatMatters() throws IOException {
        final Map<String, Long> seen = new TreeMap<>();
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
            for (int i = 0; i < KEPT_SEEDS; i++) {
                final Report report = runner.run(Scenario.draw(KEPT_SEEDS_FIRST + i, null));
                report.seen().forEach((what, times) -> seen.merge(what, times, Long::sum));
            }
        }
        for (final String what : new String[] {
            "connections evicted", "connections ended for a violation", "connections ended for a frame without end",
            "connections ended after their half-close", "sessions ended by the relay", "kills received by guests", "agent restarts",
            "guest deaths", "framings broken", "rings tampered with", "ranges taken again", "long frames handed over by clients",
            "stray frames arrived", "shutdowns ordered", "relay: head of line blocks", "relay: accepting paused: no descriptors or ids",
            "relay deaths", "disk refusals", "log gaps read", "programs found in the log", "relay: sessions ended: not recorded",
            "relay: exec log rotations", "departures told to guests", "clock syncs received by guests"}) {
            assertTrue(seen.getOrDefault(what, 0L) > 0, () -> "never seen: " + what + " in " + seen);
        }
    }

    @Test
    void seedsThatOnceFailedPass() throws IOException {
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
            for (final long seed : ONCE_FAILED) {
                runner.run(Scenario.draw(seed, null));
            }
        }
    }

    @Test
    void freshSeedsPass() throws IOException {
        final long first = Seeds.next("simulation");
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
            for (int i = 0; i < FRESH_SEEDS; i++) {
                runner.run(Scenario.draw(first + i, null));
            }
        }
    }

    @Test
    void outcomeDoesNotDependOnHowManyThreadsThereAre() throws InterruptedException {
        final SeedPool alone = new SeedPool(KEPT_SEEDS_FIRST, SHARED_SEEDS, null, 1, null);
        final SeedPool shared = new SeedPool(KEPT_SEEDS_FIRST, SHARED_SEEDS, null, 1, null);
        assertEquals(List.of(), alone.run(1, () -> { }, 0));
        assertEquals(List.of(), shared.run(JOBS, () -> { }, 0));
        assertEquals(SHARED_SEEDS, shared.finished());
        assertEquals(alone.calls(), shared.calls());
        assertEquals(alone.virtualNs(), shared.virtualNs());
        assertEquals(alone.seen(), shared.seen());
    }

    @Test
    void aSeedIsTheSameEachTime() throws IOException {
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
            for (int i = 0; i < REPLAYED; i++) {
                final Scenario scenario = Scenario.draw(REPLAYED_FIRST + i, null);
                assertEquals(runner.run(scenario), runner.run(scenario));
            }
        }
    }
}
