package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GuestStallWatchTest {
    private static final long DEADLINE = 400;
    private final GuestStallWatch watch = new GuestStallWatch(DEADLINE);

    @Test
    void guestThatReadsNothingIsStalledAtTheDeadline() {
        for (int i = 1; i <= 3; i++) {
            assertEquals(100 * i, watch.dueIn(1000, 1000));
            assertEquals(GuestStallWatch.Finding.NOTHING_YET, watch.look(1000, 5000));
        }
        assertEquals(DEADLINE, watch.dueIn(1000, 1000));
        assertEquals(GuestStallWatch.Finding.STALLED, watch.look(1000, 5000));
    }

    @Test
    void guestThatReadsAnythingBetweenTwoLooksIsNot() {
        for (int i = 1; i <= 3; i++) {
            watch.look(1000, 5000);
        }
        assertEquals(GuestStallWatch.Finding.PROGRESS, watch.look(1000, 4999));
        assertEquals(100, watch.dueIn(1400, 1400), "and is looked at anew");
        assertEquals(GuestStallWatch.Finding.NOTHING_YET, watch.look(1400, 4999));
    }
}
