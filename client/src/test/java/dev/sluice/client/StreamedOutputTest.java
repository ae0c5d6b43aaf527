package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
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
    void grantsWhatWasReadAndTheOverheadOfFramesAtOnce() throws Exception {
        final int window = budget.takeInitial(2, NOW);
        // Nothing is left to grow with.
        budget.takeMore(ReceiveBudget.TOTAL);
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
