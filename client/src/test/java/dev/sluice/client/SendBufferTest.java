package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendBufferTest {
    private static final int LENGTH = 1000;
    private static final Deadline NOW = Deadline.after(Duration.ZERO);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 999, 1000, 1001, 4500, 9999})
    void aWriteThatFailsHalfWayLeavesBehindWhatBeganBeforeThat(final int taken) throws Exception {
        final SendBuffer buffer = new SendBuffer();
        final List<Long> positions = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            positions.add(buffer.send(new byte[LENGTH], () -> true, NOW));
            assertFalse(buffer.mayHaveLeft(positions.getLast()), "before anything was written");
        }
        assertThrows(IOException.class, () -> buffer.writeTo(new Channel(taken)));
        for (int i = 0; i < 10; i++) {
            assertEquals(i * LENGTH < taken, buffer.mayHaveLeft(positions.get(i)), "frame " + i);
        }
        assertFalse(buffer.mayHaveLeft(SendBuffer.NOT_QUEUED));
        assertEquals(Outcome.NOT_SENT,
            assertThrows(ConnectionLostException.class, () -> buffer.send(new byte[LENGTH], () -> true, NOW)).outcome());
        final Outcome ofTheLast = taken > 9 * LENGTH ? Outcome.UNKNOWN : Outcome.NOT_SENT;
        assertEquals(ofTheLast, assertThrows(ConnectionLostException.class, () -> buffer.flush(positions.getLast(), NOW)).outcome());
    }

    @Test
    void whatIsNotWantedAnyMoreIsNotSent() throws Exception {
        final SendBuffer buffer = new SendBuffer();
        assertEquals(SendBuffer.NOT_QUEUED, buffer.send(new byte[LENGTH], () -> false, NOW));
        assertEquals(0, buffer.send(new byte[LENGTH], () -> true, NOW));
        buffer.close(new ConnectionLoss("a test has closed it", null));
        buffer.writeTo(new Channel(0));
    }

    @Test
    void aControlLeavesBeforeWhatIsSentAfterIt() throws Exception {
        final SendBuffer buffer = new SendBuffer();
        final List<String> order = new ArrayList<>();
        buffer.send(1, (memory, offset) -> order.add("before"), () -> true, NOW);
        buffer.sendControls((memory, offset) -> {
            order.add("control");
            return 7;
        });
        assertEquals(8, buffer.send(1, (memory, offset) -> order.add("after"), () -> true, NOW));
        assertEquals(List.of("before", "control", "after"), order);
        buffer.close(new ConnectionLoss("a test has closed it", null));
        buffer.writeTo(new Channel(0));
    }

    @Test
    void aSenderWithoutRoomGivesUpAtItsDeadlineAndLeavesNothing() throws Exception {
        final SendBuffer buffer = new SendBuffer();
        buffer.send(new byte[SendBuffer.CAPACITY], () -> true, NOW);
        final DeadlineExceededException full = assertThrows(DeadlineExceededException.class,
            () -> buffer.send(new byte[1], () -> true, Deadline.after(Duration.ofMillis(20))));
        assertEquals(Outcome.NOT_SENT, full.outcome());
        final Task<Long> interrupted = Task.start(() -> buffer.send(new byte[1], () -> true, Deadline.after(ScriptedRelay.DEADLINE)));
        interrupted.awaitWaiting();
        interrupted.interrupt();
        assertThrows(InterruptedException.class, interrupted::get);
        final Channel channel = new Channel(SendBuffer.CAPACITY + 1);
        final Task<Long> next = Task.startVirtual(() -> buffer.send(new byte[1], () -> true, Deadline.after(ScriptedRelay.DEADLINE)));
        final Task<Void> writer = Task.start(() -> {
            buffer.writeTo(channel);
            return null;
        });
        final long position = next.get();
        assertEquals(SendBuffer.CAPACITY, position);
        buffer.flush(position, Deadline.after(ScriptedRelay.DEADLINE));
        buffer.close(new ConnectionLoss("a test has closed it", null));
        writer.get();
        assertEquals(SendBuffer.CAPACITY + 1, channel.taken);
        assertTrue(buffer.mayHaveLeft(position));
    }

    /** Takes so many bytes, in pieces, then fails. */
    private static final class Channel implements GatheringByteChannel {
        private static final int PIECE = 300;

        private final int capacity;
        private int taken;

        Channel(final int capacity) {
            this.capacity = capacity;
        }

        @Override
        public long write(final ByteBuffer[] sources) throws IOException {
            final ByteBuffer source = sources[0].hasRemaining() ? sources[0] : sources[1];
            final int length = Math.min(Math.min(capacity - taken, PIECE), source.remaining());
            if (length == 0) {
                throw new IOException("the channel takes no more");
            }
            source.position(source.position() + length);
            taken += length;
            return length;
        }

        @Override
        public long write(final ByteBuffer[] sources, final int offset, final int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(final ByteBuffer source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }
}
