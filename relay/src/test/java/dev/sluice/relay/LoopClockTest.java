package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LoopClockTest {
    private static final long MS = 1_000_000;
    private static final long TOLERANCE = 1000 * MS;
    private long nowNs = 77;
    private final LoopClock clock = new LoopClock(() -> nowNs, TOLERANCE);

    private long after(final long passedNs, final long expectedNs) {
        final long before = clock.now(Long.MAX_VALUE);
        nowNs += passedNs;
        return clock.now(expectedNs) - before;
    }

    @Test
    void timeInWhichTheRelayRanCounts() {
        assertEquals(20 * MS, after(20 * MS, 0));
        assertEquals(1020 * MS, after(1020 * MS, 30 * MS));
        assertEquals(1000_000 * MS, after(1000_000 * MS, Long.MAX_VALUE));
        assertEquals(0, clock.takeMissed());
    }

    @Test
    void timeInWhichItDidNotDoesNot() {
        assertEquals(0, after(3600_000 * MS, 0));
        assertEquals(3600_000 * MS, clock.takeMissed());
        assertEquals(0, clock.takeMissed());
        assertEquals(10 * MS, after(10 * MS, 0), "it goes on from there");
    }

    @Test
    void whatIsDueComesNearerThoughEverySleepLastsTooLong() {
        long leftNs = 30_000 * MS;
        int sleeps = 0;
        while (leftNs > 0) {
            final long timeoutNs = (leftNs + MS - 1) / MS * MS;
            leftNs -= after(timeoutNs + 5000 * MS, timeoutNs);
            sleeps++;
        }
        assertTrue(sleeps < 25, () -> "sleeps");
    }
}
