package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HoldUpsTest {
    private static final long MS = 1_000_000;
    private final HoldUps holdUps = new HoldUps();

    @Test
    void halfOfTheTimeIsForgiven() {
        holdUps.add(1000 * MS, 1100 * MS);
        assertEquals(50 * MS, holdUps.total(1100 * MS, 1100 * MS));
        assertEquals(0, holdUps.total(1200 * MS, 1200 * MS));
        assertEquals(0, holdUps.total(9200 * MS, 9200 * MS), "no credit is saved up");
    }

    @Test
    void whoIsBehindHalfOfTheTimeGoesOnForEver() {
        for (int i = 0; i < 10_000; i++) {
            final long from = i * 100L * MS;
            holdUps.add(from, from + 50 * MS);
            assertTrue(holdUps.total(from + 50 * MS, from + 50 * MS) <= 25 * MS);
        }
    }

    @Test
    void whoIsAlwaysBehindComesToAnyBudgetHoweverLittleItWaitsEachTime() {
        long now = 0;
        int times = 0;
        while (holdUps.total(now, now) < 1000 * MS) {
            holdUps.add(now, now + 60 * MS);
            now += 65 * MS;
            times++;
        }
        assertEquals(2400, now / MS, 200);
        assertTrue(times > 20);
    }
}
