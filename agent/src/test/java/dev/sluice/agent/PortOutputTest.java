package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.port.PortStatus;
import dev.sluice.port.PortWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortOutputTest {
    private static final int FRAME = 1000;

    private final Arena arena = Arena.ofConfined();
    private final AgentCounters counters = new AgentCounters();
    private final PortOutput output = new PortOutput(arena.allocate(PortOutput.BUFFER_LENGTH), counters);
    private final StringBuilder sent = new StringBuilder();
    private int room = Integer.MAX_VALUE;
    private int status;

    private final PortWriter writer = new PortWriter() {
        @Override
        public int write(final MemorySegment memory, final long offset, final int length) {
            if (status < 0) {
                return status;
            }
            final int taken = Math.min(length, room);
            for (int i = 0; i < taken; i++) {
                final char letter = (char) memory.get(ValueLayout.JAVA_BYTE, offset + i);
                if (letter != '.') {
                    sent.append(letter);
                }
            }
            room -= taken;
            return taken;
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public int unread() {
            return 0;
        }
    };

    @AfterEach
    void close() {
        arena.close();
    }

    /** Sends letters, each at the start of a frame: capitals as answers, small ones as data. */
    private final class Letters extends Outlet {
        private String replies = "";
        private String data = "";
        private int asked;

        @Override
        int writeReply(final MemorySegment memory, final long offset) {
            if (replies.isEmpty()) {
                return 0;
            }
            final char letter = replies.charAt(0);
            replies = replies.substring(1);
            return put(memory, offset, letter, 10);
        }

        @Override
        int writeData(final MemorySegment memory, final long offset) {
            asked++;
            if (data.isEmpty()) {
                return 0;
            }
            final char letter = data.charAt(0);
            data = data.substring(1);
            return put(memory, offset, letter, FRAME);
        }

        private int put(final MemorySegment memory, final long offset, final char letter, final int length) {
            memory.asSlice(offset, length).fill((byte) '.');
            memory.set(ValueLayout.JAVA_BYTE, offset, (byte) letter);
            return length;
        }

        @Override
        boolean hasData() {
            return !data.isEmpty();
        }
    }

    private Letters outlet(final String replies, final String data) {
        final Letters outlet = new Letters();
        outlet.replies = replies;
        outlet.data = data;
        if (!data.isEmpty()) {
            output.wantData(outlet);
        }
        if (!replies.isEmpty()) {
            output.wantReply(outlet);
        }
        return outlet;
    }

    @Test
    void answersGoFirstAndDataTakesTurns() {
        outlet("AB", "aaa");
        outlet("C", "bb");
        outlet("", "cccc");
        assertTrue(output.pump(writer) > 0);
        assertEquals("ABCabcabcacc", sent.toString());
        assertFalse(output.hasWork());
        assertFalse(output.blocked());
    }

    @Test
    void nothingIsAskedForWhileThePortIsFull() {
        final Letters busy = outlet("", "a".repeat(1000));
        room = 10;
        output.pump(writer);
        assertTrue(output.blocked());
        final int asked = busy.asked;
        room = 0;
        output.pump(writer);
        assertEquals(asked, busy.asked);
        assertTrue(asked * FRAME < PortOutput.BATCH_LENGTH + FRAME, "asked=" + asked);
        outlet("R", "");
        room = PortOutput.BATCH_LENGTH * 2;
        output.pump(writer);
        final int before = sent.indexOf("R");
        assertTrue(before > 0 && before <= PortOutput.BATCH_LENGTH / FRAME + 1, "before it: " + before);
        assertEquals(1, counters.get(AgentCounter.PORT_FULL));
    }

    @Test
    void framesStayWholeHoweverLittleThePortTakes() {
        outlet("AB", "a".repeat(200));
        int rounds = 0;
        while (output.hasWork()) {
            room = 1 + rounds++ % 777;
            output.pump(writer);
        }
        assertEquals("AB" + "a".repeat(200), sent.toString());
        assertEquals(202, counters.get(AgentCounter.FRAMES_OUT));
        assertEquals(20 + 200 * FRAME, counters.get(AgentCounter.BYTES_OUT));
    }

    @Test
    void anOutletThatHasNothingLeavesTheLine() {
        final Letters empty = new Letters();
        output.wantData(empty);
        output.wantReply(empty);
        assertEquals(0, output.pump(writer));
        assertFalse(output.hasWork());
        empty.data = "x";
        output.wantData(empty);
        output.pump(writer);
        assertEquals("x", sent.toString());
    }

    @Test
    void othersGetATurnThoughThePortTakesEverything() {
        outlet("", "a".repeat(3000));
        final int taken = output.pump(writer);
        assertTrue(taken < 1_000_000, "taken=" + taken);
        assertTrue(output.hasWork());
    }

    @Test
    void theEndOfThePortIsReported() {
        outlet("A", "");
        status = PortStatus.CLOSED;
        assertEquals(PortStatus.CLOSED, output.pump(writer));
        output.reset();
        status = 0;
        outlet("B", "");
        output.pump(writer);
        assertEquals("B", sent.toString());
    }
}
