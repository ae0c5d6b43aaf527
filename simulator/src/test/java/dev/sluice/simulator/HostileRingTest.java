package dev.sluice.simulator;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A guest that writes to its ring between any two looks of the relay at it, not only between its calls: the ring is compiled anew
 * with the peer let in before each look, and are the shipped ones otherwise.
 */
class HostileRingTest {
    private static final int SEEDS = 2000;
    private static final int SEEDS_MOST = 10_000;

    @Test
    void relayStandsAPeerThatIsAsQuickAsItself() throws Exception {
        try (DefectiveRelay relay = new DefectiveRelay(RingDefect.NONE.name(), RingDefect.NONE.changes())) {
            assertNull(relay.firstFailureOfRings(SEEDS));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void defectOfTheRingIsNoticed(final RingDefect defect) throws Exception {
        try (DefectiveRelay relay = new DefectiveRelay(defect.name(), defect.changes())) {
            final String noticed = relay.firstFailureOfRings(SEEDS_MOST);
            assertTrue(noticed != null, defect + " was not noticed in " + SEEDS_MOST + " seeds");
            System.out.println(defect + " was noticed: " + noticed);
        }
    }
}
