package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientInputTest {
    private final RangeTable ranges = new RangeTable();
    private final int range = ranges.take();
    private final ClientAdmission admission = new ClientAdmission(range, ranges, true, null, new RelayCounters());
    private final MemorySegment own = MemorySegment.ofArray(new byte[ClientInput.CAPACITY]);
    private final ClientInput input = new ClientInput(own);

    private int id(final int n) {
        return RangeTable.idOffset(range) + n;
    }

    static byte[] frame(final int id, final int flags, final int bodyLength) {
        final byte[] body = new byte[bodyLength];
        new Random(id * 31L + bodyLength).nextBytes(body);
        return ByteBuffer.allocate(FrameDescriptor.HEADER_LENGTH + bodyLength)
            .putInt(FrameDescriptor.MIN_LENGTH + bodyLength).putInt(id).put((byte) flags).put(body).array();
    }

    private ClientInput.Progress feed(final byte[] bytes, final int from, final int count) {
        assertTrue(count <= input.readRoom());
        MemorySegment.copy(bytes, from, input.memory(), ValueLayout.JAVA_BYTE, input.readOffset(), count);
        input.received(count);
        return input.admit(admission);
    }

    private byte[] send(final int count) {
        final FrameRun run = input.run();
        final byte[] sent = run.memory().asSlice(run.start(), count).toArray(ValueLayout.JAVA_BYTE);
        run.sent(count);
        input.compact();
        return sent;
    }

    @Test
    void frameIsEligibleOnlyWhenComplete() {
        final byte[] frame = frame(id(1), 0, 20);
        for (int i = 0; i < frame.length; i++) {
            assertEquals(0, input.run().length());
            assertEquals(i > 0, input.hasIncompleteFrame());
            assertEquals(ClientInput.Progress.OK, feed(frame, i, 1));
        }
        assertEquals(frame.length, input.run().length());
        assertArrayEquals(frame, send(frame.length));
        assertFalse(input.hasIncompleteFrame());
    }

    @Test
    void everySplitOfAStreamGivesTheSameBytes() {
        final Random random = new Random(Seeds.next("splits"));
        for (int round = 0; round < 200; round++) {
            final ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 30; i++) {
                stream.writeBytes(frame(id(i + 1), 0, random.nextInt(random.nextBoolean() ? 40 : 60_000)));
            }
            final byte[] expected = stream.toByteArray();
            final ByteArrayOutputStream got = new ByteArrayOutputStream();
            int fed = 0;
            while (got.size() < expected.length) {
                final int room = Math.min(input.readRoom(), expected.length - fed);
                if (room > 0) {
                    final int count = 1 + random.nextInt(room);
                    assertEquals(ClientInput.Progress.OK, feed(expected, fed, count));
                    fed += count;
                }
                if (!input.run().isEmpty()) {
                    got.writeBytes(send(1 + random.nextInt(input.run().length())));
                    assertEquals(ClientInput.Progress.OK, input.admit(admission));
                }
            }
            assertArrayEquals(expected, got.toByteArray());
        }
    }

    @Test
    void begunFrameIsKnownByItsRest() {
        final byte[] first = frame(id(1), 0, 10);
        final byte[] second = frame(id(2), 0, 10);
        feed(first, 0, first.length);
        feed(second, 0, second.length);
        final FrameRun run = input.run();
        assertFalse(run.insideFrame());
        assertEquals(1, run.sent(first.length));
        assertFalse(run.insideFrame());
        assertEquals(0, run.sent(1));
        assertTrue(run.insideFrame());
        assertEquals(second.length - 1, run.frameRemaining());
        assertEquals(1, run.sent(second.length - 1));
        assertTrue(run.isEmpty());
    }

    @Test
    void longFrameIsPutTogetherInAnAssemblyBuffer() {
        final byte[] small = frame(id(1), 0, 100);
        final byte[] large = frame(id(2), 0, 300_000);
        feed(small, 0, small.length);
        final int head = input.readRoom();
        assertEquals(ClientInput.Progress.NEEDS_ASSEMBLY, feed(large, 0, head));
        assertArrayEquals(small, send(small.length), "what came before goes first");
        assertEquals(ClientInput.Progress.NEEDS_ASSEMBLY, input.admit(admission));
        final MemorySegment buffer = MemorySegment.ofArray(new byte[FrameDescriptor.MAX_FRAME_LENGTH]);
        input.beginAssembly(buffer);
        assertEquals(large.length - head, input.readRoom(), "nothing behind the frame is read into its buffer");
        assertEquals(ClientInput.Progress.OK, feed(large, head, large.length - head));
        assertArrayEquals(large, send(large.length));
        assertTrue(input.assemblyDone());
        assertSame(buffer, input.endAssembly());
        assertNull(input.endAssembly());
        feed(small, 0, small.length);
        assertArrayEquals(small, send(small.length));
    }

    @Test
    void lengthsOutOfBoundsAreViolationsAtOnce() {
        for (final long length : new long[] {0, 1, 4, 0x7fffffffL, 0xffffffffL, FrameDescriptor.MAX_LENGTH + 1L}) {
            final ClientInput fresh = new ClientInput(MemorySegment.ofArray(new byte[ClientInput.CAPACITY]));
            FrameDescriptor.putLength(fresh.memory(), 0, (int) length);
            fresh.received(FrameDescriptor.LENGTH_PREFIX);
            assertEquals(ClientInput.Progress.VIOLATION, fresh.admit(admission), "length " + length);
            assertEquals(length < 5 ? Violation.TOO_SHORT : Violation.TOO_LONG, fresh.violation());
        }
    }

    @Test
    void foreignIdIsAViolationBeforeItsFrameIsComplete() {
        final byte[] foreign = frame(RangeTable.idOffset(range + 1) + 1, 0, 1000);
        assertEquals(ClientInput.Progress.VIOLATION, feed(foreign, 0, FrameDescriptor.HEADER_LENGTH));
        assertEquals(Violation.FOREIGN_ID, input.violation());
        assertEquals(0, input.run().length());
    }

    @Test
    void framesBeforeAViolationStayEligible() {
        final byte[] good = frame(id(1), 0, 10);
        final byte[] bad = frame(id(2), FrameDescriptor.FLAG_SHUTDOWN, 10);
        final byte[] both = Arrays.copyOf(good, good.length + bad.length);
        System.arraycopy(bad, 0, both, good.length, bad.length);
        assertEquals(ClientInput.Progress.VIOLATION, feed(both, 0, both.length));
        assertEquals(Violation.BAD_CONTROL, input.violation());
        assertArrayEquals(good, send(good.length));
    }

    @Test
    void onlyShutdownsHaveIdZero() {
        assertEquals(Violation.NONE, admission.checkHeader(0, FrameDescriptor.FLAG_SHUTDOWN));
        assertEquals(Violation.BAD_CONTROL, admission.checkHeader(0, 0));
        assertEquals(Violation.BAD_CONTROL, admission.checkHeader(id(1), FrameDescriptor.FLAG_SHUTDOWN | FrameDescriptor.FLAG_TERMINAL));
        assertEquals(Violation.NONE, admission.checkHeader(id(1), 0xF3), "flag bits nobody knows pass");
    }

    @Test
    void sessionStartsAreRemembered() {
        final byte[] start = frame(id(9), FrameDescriptor.FLAG_SESSION_START, 30);
        feed(start, 0, start.length - 1);
        assertNull(ranges.sessions(range).kind(id(9)), "not before it is complete");
        feed(start, start.length - 1, 1);
        assertEquals(SessionKind.OTHER, ranges.sessions(range).kind(id(9)));
    }
}
