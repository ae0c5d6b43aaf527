package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RangeTableTest {
    private static final int STEP = 33_554_431;
    private final RangeTable ranges = new RangeTable();

    @Test
    void idsLieInTheRangeTheGridSays() {
        assertEquals(RangeTable.NO_RANGE, RangeTable.rangeOf(0));
        assertEquals(0, RangeTable.rangeOf(1));
        assertEquals(0, RangeTable.rangeOf(STEP - 1));
        assertEquals(RangeTable.NO_RANGE, RangeTable.rangeOf(STEP), "the id between two ranges is nobody's");
        assertEquals(1, RangeTable.rangeOf(STEP + 1));
        assertEquals(127, RangeTable.rangeOf(127 * STEP + 1));
        assertEquals(127, RangeTable.rangeOf((int) (127L * STEP + STEP - 1)));
        assertEquals(RangeTable.NO_RANGE, RangeTable.rangeOf((int) (128L * STEP)));
        assertEquals(RangeTable.NO_RANGE, RangeTable.rangeOf(-1));
    }

    @Test
    void offsetsAreThoseOfTheFourByteHandshake() {
        assertEquals(0, RangeTable.idOffset(0));
        assertEquals(67_108_862, RangeTable.idOffset(2));
        assertEquals(1, RangeTable.rangeOf(RangeTable.idOffset(1) + 1));
    }

    @Test
    void rangesRotateThoughLowerOnesAreFree() {
        final int first = ranges.take();
        ranges.leave(first, 0, 0);
        final int second = ranges.take();
        assertNotEquals(first, second);
    }

    @Test
    void everyRangeCanBeHeldAndNoMore() {
        final boolean[] seen = new boolean[RangeTable.RANGES];
        for (int i = 0; i < RangeTable.RANGES; i++) {
            final int range = ranges.take();
            assertFalse(seen[range]);
            seen[range] = true;
        }
        assertEquals(RangeTable.NO_RANGE, ranges.take());
    }

    @Test
    void rangeWaitsInQuarantineForItsLastSession() {
        final int range = ranges.take();
        final int id = RangeTable.idOffset(range) + 7;
        ranges.sessions(range).open(id, SessionKind.EXEC);
        ranges.leave(range, 0, 1_000);
        assertTrue(ranges.isQuarantined(range));
        for (int i = 1; i < RangeTable.RANGES; i++) {
            assertNotEquals(range, ranges.take());
        }
        assertEquals(RangeTable.NO_RANGE, ranges.take(), "the quarantined range is not handed out");
        assertTrue(ranges.sessionEnded(range, id));
        assertEquals(range, ranges.take());
    }

    @Test
    void secondTerminalOfASessionIsNoEnd() {
        final int range = ranges.take();
        final int id = RangeTable.idOffset(range) + 7;
        ranges.sessions(range).open(id, SessionKind.EXEC);
        assertTrue(ranges.sessionEnded(range, id));
        assertFalse(ranges.sessionEnded(range, id));
    }

    @Test
    void expiredQuarantineIsTheLastResort() {
        final int suspect = ranges.take();
        ranges.sessions(suspect).open(RangeTable.idOffset(suspect) + 1, SessionKind.EXEC);
        ranges.leave(suspect, 0, 1_000);
        assertEquals(1_000, ranges.nextExpiryIn(0));
        assertEquals(0, ranges.expire(999));
        assertEquals(1, ranges.expire(1_000));
        assertEquals(Long.MAX_VALUE, ranges.nextExpiryIn(1_000));
        for (int i = 1; i < RangeTable.RANGES; i++) {
            assertNotEquals(suspect, ranges.take());
        }
        assertEquals(suspect, ranges.take());
        assertEquals(0, ranges.sessions(suspect).count(), "a new holder starts without the sessions of the last");
    }

    @Test
    void rangeWhoseSessionsEndAfterItsQuarantineIsCleanAgain() {
        final int range = ranges.take();
        final int id = RangeTable.idOffset(range) + 1;
        ranges.sessions(range).open(id, SessionKind.EXEC);
        ranges.leave(range, 0, 1_000);
        ranges.expire(1_000);
        assertTrue(ranges.isQuarantined(range), "what it still says is dropped");
        assertTrue(ranges.sessionEnded(range, id));
        assertFalse(ranges.isQuarantined(range));
    }

    @Test
    void lostGuestLeavesNothingToWaitFor() {
        final int left = ranges.take();
        final int held = ranges.take();
        ranges.sessions(left).open(RangeTable.idOffset(left) + 1, SessionKind.FS);
        ranges.leave(left, 0, 1_000);
        ranges.guestLost();
        assertFalse(ranges.isQuarantined(left));
        assertTrue(ranges.isHeld(held));
        assertEquals(0, ranges.quarantinedCount());
    }

    @Test
    void rangesOfAReplacedGuestAreWaitedForButNotForLong() {
        final long minuteNs = 60_000_000_000L;
        final long shortNs = 5_000_000_000L;
        final int left = ranges.take();
        final int held = ranges.take();
        final int idle = ranges.take();
        for (final int range : new int[] {left, held}) {
            ranges.sessionOpened(range, RangeTable.idOffset(range) + 1, SessionKind.EXEC);
            ranges.sessionOpened(range, RangeTable.idOffset(range) + 2, SessionKind.EXEC);
        }
        ranges.leave(left, 0, minuteNs);
        ranges.guestReplaced(1_000);
        ranges.leave(held, 2_000, minuteNs);
        ranges.leave(idle, 2_000, minuteNs);
        assertTrue(ranges.isQuarantined(left));
        assertTrue(ranges.isQuarantined(held));
        assertFalse(ranges.isQuarantined(idle));
        // The new agent reads the requests and the kills behind them, and speaks in these sessions: they are nobody else's meanwhile.
        for (int i = 2; i < RangeTable.RANGES; i++) {
            final int range = ranges.take();
            assertNotEquals(left, range);
            assertNotEquals(held, range);
        }
        assertEquals(RangeTable.NO_RANGE, ranges.take());
        assertEquals(0, ranges.expire(1_000 + shortNs - 1));
        ranges.sessionEnded(held, RangeTable.idOffset(held) + 1);
        ranges.sessionEnded(held, RangeTable.idOffset(held) + 2);
        assertEquals(held, ranges.take(), "the new agent has ended them");
        assertEquals(RangeTable.NO_RANGE, ranges.take());
        // What it never knew of has no end.
        assertEquals(1, ranges.expire(1_000 + shortNs));
        assertEquals(left, ranges.take());
    }
}
