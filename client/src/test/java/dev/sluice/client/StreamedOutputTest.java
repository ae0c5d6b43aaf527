package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class StreamedOutputTest {
    private static final Deadline NOW = Deadline.after(Duration.ZERO);
    private static final int OVERHEAD = 44;

    private final ReceiveBudget budget = new ReceiveBudget();
    private int granted;

    @Test
    void handsOutWhatWasAppendedWhateverThePieces() throws Exception {
        final Random random = new Random(Seeds.next("pieces of a stream"));
        final ByteArrayOutputStream expected = new ByteArrayOutputStream();
        final ByteArrayOutputStream actual = new ByteArrayOutputStream();
        final StreamedOutput output = new StreamedOutput(new ReceiveWindow(budget, 0), bytes -> granted += bytes);
        final byte[] target = new byte[5000];
        for (int step = 0; step < 20_000; step++) {
            if (random.nextBoolean()) {
                final byte[] piece = new byte[random.nextInt(4000)];
                random.nextBytes(piece);
                if (output.available() + piece.length <= StreamedOutput.CAPACITY) {
                    output.append(MemorySegment.ofArray(piece), 0, piece.length, piece.length + OVERHEAD);
                    expected.writeBytes(piece);
                }
            } else if (output.available() > 0) {
                final int offset = random.nextInt(100);
                final int length = output.read(target, offset, 1 + random.nextInt(4000), NOW, "bytes");
                actual.write(target, offset, length);
            }
        }
        output.end(null);
        for (int length = output.read(target, 0, 1, NOW, "bytes"); length >= 0; length = output.read(target, 0, 5000, NOW, "bytes")) {
            actual.write(target, 0, length);
        }
        assertArrayEquals(expected.toByteArray(), actual.toByteArray());
        assertEquals(0, granted, "without a window");
    }

    @Test
    void transfersWhatWasAppendedFromWhereItLies() throws Exception {
        final Random random = new Random(Seeds.next("pieces of transfers"));
        for (int round = 0; round < 50; round++) {
            final ByteArrayOutputStream expected = new ByteArrayOutputStream();
            final StreamedOutput output = new StreamedOutput(new ReceiveWindow(budget, 0), bytes -> granted += bytes);
            final AtomicBoolean ended = new AtomicBoolean();
            final SlowChannel channel = new SlowChannel(random, () -> {
                final byte[] piece = new byte[random.nextInt(1 + random.nextInt(100_000))];
                random.nextBytes(piece);
                if (!ended.get() && output.available() + piece.length <= StreamedOutput.CAPACITY) {
                    output.append(MemorySegment.ofArray(piece), 0, piece.length, piece.length + OVERHEAD);
                    expected.writeBytes(piece);
                }
            });
            for (int step = 0; step < 100; step++) {
                channel.arrival.run();
                if (output.available() > 0) {
                    output.transferTo(channel, NOW, "bytes");
                }
            }
            output.end(null);
            ended.set(true);
            while (output.transferTo(channel, NOW, "bytes") >= 0) {
                continue;
            }
            assertArrayEquals(expected.toByteArray(), channel.written.toByteArray());
        }
    }

    @Test
    void memoryOfAnEndedStreamIsTheNextOnesButNotWhileItIsBeingWritten() throws Exception {
        final ReceiveWindow window = new ReceiveWindow(budget, 0);
        final StreamedOutput output = new StreamedOutput(window, bytes -> granted += bytes);
        final byte[] content = new byte[RingMemory.HEAP_LENGTH + 1];
        Arrays.fill(content, (byte) 1);
        output.append(MemorySegment.ofArray(content), 0, content.length, content.length);
        final Random random = new Random(Seeds.next("channel"));
        final SlowChannel channel = new SlowChannel(random, () -> {
            output.discard();
            window.memory().take(2 * RingMemory.HEAP_LENGTH).fill((byte) 2);
        });
        output.transferTo(channel, NOW, "bytes");
        assertArrayEquals(content, channel.written.toByteArray());
        final MemorySegment kept = window.memory().take(2 * RingMemory.HEAP_LENGTH);
        assertEquals(1, kept.get(ValueLayout.JAVA_BYTE, 0), "what the stream had");
    }

    /** Takes a part of what it is given, after something has arrived. */
    private static final class SlowChannel implements WritableByteChannel {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private final Random random;
        private final Runnable arrival;

        SlowChannel(final Random random, final Runnable arrival) {
            this.random = random;
            this.arrival = arrival;
        }

        @Override
        public int write(final ByteBuffer source) {
            arrival.run();
            final byte[] taken = new byte[1 + random.nextInt(source.remaining())];
            source.get(taken);
            written.writeBytes(taken);
            return taken.length;
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

    @Test
    void grantsWhatWasReadAndTheOverheadOfFramesAtOnce() throws Exception {
        final int window = budget.takeInitial(2, NOW);
        // Nothing is left to grow with.
        while (budget.grow(ReceiveBudget.MAX_WINDOW / 2) > 0) {
            continue;
        }
        final StreamedOutput output = new StreamedOutput(new ReceiveWindow(budget, window), bytes -> granted += bytes);
        final byte[] piece = new byte[window / 2 - OVERHEAD];
        output.append(MemorySegment.ofArray(piece), 0, piece.length, window / 2);
        output.append(MemorySegment.ofArray(piece), 0, piece.length, window / 2);
        assertEquals(0, granted);
        final byte[] target = new byte[window];
        assertEquals(2 * piece.length, output.read(target, 0, window, NOW, "bytes"));
        assertEquals(window, granted);
        assertThrows(DeadlineExceededException.class, () -> output.read(target, 0, window, NOW, "bytes"));
        output.append(MemorySegment.ofArray(piece), 0, piece.length, window / 2);
        output.discard();
        assertEquals(window + window / 2, granted);
        Arrays.fill(target, (byte) 0);
        assertEquals(-1, output.read(target, 0, window, NOW, "bytes"));
    }
}
