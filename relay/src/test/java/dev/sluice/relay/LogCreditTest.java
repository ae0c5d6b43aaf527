package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.execlog.LogSource;
import dev.sluice.testsupport.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogCreditTest {
    private static final long WINDOW = 16_384;
    private static final long ROOM = 65_536;

    private final LogCredit credit = new LogCredit(3, WINDOW, ROOM, 1000, 2000);

    @Test
    void grantsPassWhileTheLogHasRoom() {
        credit.grant(0, 20_000);
        assertEquals(20_000, credit.release(0, 1000));
        assertFalse(credit.holdsBack(0));
        assertEquals(0, credit.release(0, 1000));
    }

    @Test
    void grantsBeyondTheRoomWaitForTheLogAndGoInParts() {
        credit.grant(0, 1_000_000);
        assertEquals(ROOM - WINDOW, credit.release(0, 1000));
        assertTrue(credit.holdsBack(0));
        assertEquals(0, credit.release(0, 1000 + ROOM / 4 - 1), "not in small coin");
        assertEquals(ROOM / 4, credit.release(0, 1000 + ROOM / 4));
        assertEquals(0, credit.release(1, 2000), "the other stream has its own");
    }

    @Test
    void theLastOfAGrantGoesHoweverSmall() {
        credit.grant(1, 10);
        assertEquals(10, credit.release(1, 2000));
        credit.grant(1, ROOM);
        assertEquals(ROOM - WINDOW - 10, credit.release(1, 2000));
        assertEquals(WINDOW + 10, credit.release(1, 2000 + ROOM));
        assertFalse(credit.holdsBack(1));
    }

    @Test
    void aGuestThatSendsMoreThanItMayHasNoRoomKeptForIt() {
        assertTrue(credit.hasRoom(0, ROOM, 1000));
        credit.seen(0, ROOM);
        assertFalse(credit.hasRoom(0, 1, 1000));
        assertTrue(credit.hasRoom(0, 500, 1500));
    }

    @Test
    void endlessGrantsDoNotWrap() {
        for (int i = 0; i < 100; i++) {
            credit.grant(0, Long.MAX_VALUE / 8);
        }
        assertEquals(ROOM - WINDOW, credit.release(0, 1000));
        assertTrue(credit.holdsBack(0));
        assertTrue(credit.releaseAll(0) > 0);
        assertFalse(credit.holdsBack(0));
    }

    @Test
    void aSlotIsFreeWhenEverythingSeenIsAccountedFor() {
        assertTrue(credit.isSettled(0, 1000));
        credit.seen(0, 50);
        assertFalse(credit.isSettled(0, 1049));
        assertTrue(credit.isSettled(0, 1050));
    }

    @Test
    void placesOfSlotsDoNotOverlap() {
        assertEquals(6, LogCredit.stream(3, LogSource.STDOUT.ordinal()));
        assertEquals(6, LogCredit.stream(3, LogSource.OUTPUT.ordinal()));
        assertEquals(7, LogCredit.stream(3, LogSource.STDERR.ordinal()));
    }

    @Test
    void whateverHappensTheRoomIsEnoughAndEverybodyGetsOn() {
        final Random random = new Random(Seeds.next("credit"));
        for (int run = 0; run < 500; run++) {
            final long window = 1 + random.nextInt(100_000);
            final long room = window + random.nextInt(500_000);
            final LogCredit some = new LogCredit(0, window, room, 0, 0);
            long granted = window;
            long forwarded = window;
            long sent = 0;
            long logged = 0;
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(3)) {
                    case 0 -> {
                        final long more = random.nextInt(200_000);
                        some.grant(0, more);
                        granted += more;
                    }
                    case 1 -> {
                        final long frame = Math.min(forwarded - sent, random.nextInt(100_000));
                        assertTrue(some.hasRoom(0, frame, logged), "a guest within its windows always has room");
                        some.seen(0, frame);
                        sent += frame;
                    }
                    default -> logged += random.nextLong(sent - logged + 1);
                }
                forwarded += some.release(0, logged);
                assertTrue(forwarded <= granted);
                assertTrue(forwarded <= logged + room);
                assertTrue(sent - logged <= room);
            }
            // From here on everybody does what is due: all that was granted arrives.
            for (int step = 0; sent < granted; step++) {
                assertTrue(step < 1_000_000, "stuck");
                some.seen(0, forwarded - sent);
                sent = forwarded;
                logged = sent;
                forwarded += some.release(0, logged);
            }
            assertTrue(some.isSettled(0, logged));
        }
    }
}
