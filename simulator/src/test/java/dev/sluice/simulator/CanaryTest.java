package dev.sluice.simulator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.simulator.kernel.DefectiveKernel;
import dev.sluice.simulator.kernel.DefectiveKernel.Defect;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether the simulator finds what it is there to find: each defect has to be noticed within a few seeds. */
class CanaryTest {
    private static final int SEEDS_MOST = 200;

    /** A relay's defects are rarer than a kernel's: each needs its own occasion. */
    private static final int SEEDS_MOST_FOR_RELAY = 10_000;

    @ParameterizedTest
    @EnumSource
    @TimeLimit(seconds = 300)
    void defectOfTheRelayIsNoticed(final RelayDefect defect) throws Exception {
        try (DefectiveRelay relay = new DefectiveRelay(defect)) {
            final String noticed = relay.firstFailure(SEEDS_MOST_FOR_RELAY);
            assertTrue(noticed != null, defect + " was not noticed in " + SEEDS_MOST_FOR_RELAY + " seeds");
            System.out.println(defect + " was noticed: " + noticed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void defectOfTheKernelIsNoticed(final Defect defect) throws IOException {
        int seeds = 0;
        String noticed = null;
        try (SeedRunner runner = new SeedRunner(
            (clock, random, trace, world) -> new DefectiveKernel(defect, clock, random, trace, world, world.disk()), null)) {
            while (noticed == null && seeds < SEEDS_MOST) {
                try {
                    seeds++;
                    runner.run(Scenario.draw(seeds, null));
                } catch (final SeedRunner.SeedFailure e) {
                    noticed = e.getMessage().lines().findFirst().orElseThrow();
                }
            }
        }
        assertTrue(noticed != null, defect + " was not noticed in " + seeds + " seeds");
        System.out.println(defect + " was noticed at the " + seeds + ". seed: " + noticed);
    }
}
