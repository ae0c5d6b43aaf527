package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.testsupport.Seeds;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The small pure parts of the loop. */
class LoopPartsTest {
    @Test
    void theFlowClockStandsStillWhileThePortIsBlocked() {
        final FlowClock clock = new FlowClock();
        clock.advance(1000, false);
        clock.advance(1100, true);
        assertEquals(1100, clock.nowNs());
        clock.advance(5000, true);
        assertEquals(1100, clock.nowNs());
        clock.advance(6000, false);
        assertEquals(1100, clock.nowNs());
        clock.advance(6010, false);
        assertEquals(1110, clock.nowNs());
    }

    @Test
    void aReceiveWindowNeverLosesAByte() {
        final Random random = new Random(Seeds.next("window"));
        final int size = 10_000;
        final ReceiveWindow window = new ReceiveWindow(size);
        long senderMay = size;
        long held = 0;
        for (int i = 0; i < 10_000; i++) {
            final int data = 1 + random.nextInt(3000);
            if (data + 40 <= senderMay) {
                assertTrue(window.received(data + 40, data));
                senderMay -= data + 40;
                held += data;
            } else {
                assertFalse(window.received(senderMay + 1, data));
            }
            final long consumed = random.nextInt((int) held + 1);
            held -= consumed;
            window.consumed(consumed);
            final long grant = window.grantDue();
            assertTrue(grant == 0 || grant >= size / 2);
            window.granted(grant);
            senderMay += grant;
            assertTrue(senderMay + held <= size);
            assertTrue(held > 0 || senderMay > size / 2, "a sender without anything under way may send half the window at least");
        }
        assertThrows(IllegalStateException.class, () -> window.consumed(size + 1));
    }

    @Test
    void theEnvironmentOfAProcessIsSplitAtItsNuls() {
        assertEquals(
            List.of(ByteString.of("A=1"), ByteString.of("B="), ByteString.of("C=x y")),
            OwnEnvironment.entries(new byte[] {'A', '=', '1', 0, 'B', '=', 0, 0, 'C', '=', 'x', ' ', 'y', 0}));
        assertEquals(List.of(), OwnEnvironment.entries(new byte[0]));
        assertTrue(OwnEnvironment.read().stream().anyMatch(entry -> entry.toString().startsWith("PATH=")));
    }

    @Test
    void eventTokensKeepKindAndSerial() {
        final long token = EventToken.of(EventToken.STDERR, 123_456_789_012L);
        assertEquals(EventToken.STDERR, EventToken.kind(token));
        assertEquals(123_456_789_012L, EventToken.serial(token));
    }
}
