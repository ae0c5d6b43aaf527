package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WriteSharesTest {
    private static final long LIMIT = 1024;

    private final WriteShares shares = new WriteShares(LIMIT);

    /** Takes until the client has its share. */
    private long fill(final int band) {
        long taken = 0;
        while (!shares.isUsedUp(band)) {
            shares.took(band, 1);
            taken++;
        }
        return taken;
    }

    @Test
    void howeverManyHaveTheirShareSomeIsLeft() {
        assertEquals(LIMIT * 7 / 8, fill(1));
        assertFalse(shares.isUsedUp(2));
        assertEquals(LIMIT / 8 * 7 / 8, fill(2));
        assertTrue(fill(3) > 0);
        assertTrue(shares.used(1) + shares.used(2) + shares.used(3) < LIMIT);
        shares.gaveBack(1, 1000 - 104);
        assertEquals(0, shares.used(1));
        // Who gives back leaves room for the others.
        assertFalse(shares.isUsedUp(2));
        assertTrue(fill(2) > LIMIT / 2);
    }

    @Test
    void aDiskThatGetsOnIsWaitedForAndOneThatHangsIsNot() {
        fill(1);
        shares.jobBegan(1, 0);
        assertTrue(shares.isWorthWaiting(WriteShares.PATIENCE_NS - 1));
        assertFalse(shares.isWorthWaiting(WriteShares.PATIENCE_NS));
        assertTrue(shares.hangs(1, WriteShares.PATIENCE_NS, WriteShares.PATIENCE_NS));
        shares.jobBegan(1, WriteShares.PATIENCE_NS);
        assertTrue(shares.hangs(1, WriteShares.PATIENCE_NS, WriteShares.PATIENCE_NS), "what is added is no progress");
        shares.jobEnded(1, WriteShares.PATIENCE_NS);
        assertTrue(shares.isWorthWaiting(WriteShares.PATIENCE_NS));
        shares.jobCancelled(1);
        assertFalse(shares.hangs(1, 10 * WriteShares.PATIENCE_NS, WriteShares.PATIENCE_NS), "nothing waits");
        assertFalse(shares.hangs(2, 10 * WriteShares.PATIENCE_NS, WriteShares.PATIENCE_NS));
    }

    @Test
    void memoryComesInPiecesThatFit() {
        final Random random = new Random(Seeds.next("lengths"));
        try (FileMemory memory = new FileMemory(1L << 30)) {
            long used = 0;
            final FileMemory.Chunk[] chunks = new FileMemory.Chunk[200];
            for (int i = 0; i < chunks.length; i++) {
                final int wanted = random.nextInt(2 * FileMemory.CHUNK_LENGTH);
                chunks[i] = memory.take(wanted);
                assertTrue(chunks[i].length() >= Math.min(wanted, FileMemory.CHUNK_LENGTH), "wanted=" + wanted);
                assertTrue(chunks[i].length() <= Math.max(16 * 1024, 2 * wanted), "wanted=" + wanted);
                used += chunks[i].length();
                assertEquals(used, memory.usedBytes());
            }
            for (final FileMemory.Chunk chunk : chunks) {
                memory.giveBack(chunk);
            }
            assertEquals(0, memory.usedBytes());
            assertEquals(FileMemory.CHUNK_LENGTH, memory.take().length());
        }
    }
}
