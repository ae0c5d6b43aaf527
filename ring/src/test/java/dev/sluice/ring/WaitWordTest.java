package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WaitWordTest {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final int ROUNDS = 300;
    private static final int WORDS = 4096;
    private static final int STRIDE = 256;
    private static final int WORD_OFFSET = 128;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment memory = arena.allocate((long) WORDS * STRIDE, STRIDE);

    @Test
    void oneAnnouncementAllowsOneWakeUp() {
        final WaitWord word = new WaitWord(memory, 0);
        assertFalse(word.takeIfReached(Long.MAX_VALUE));
        word.announce(64);
        assertFalse(word.takeIfReached(56));
        assertTrue(word.takeIfReached(64));
        assertFalse(word.takeIfReached(72));
        word.announce(64);
        word.announce(72);
        assertTrue(word.takeIfReached(80));
        assertFalse(word.takeIfReached(80));
    }

    @Test
    void aWithdrawnAnnouncementAllowsNone() {
        final WaitWord word = new WaitWord(memory, 0);
        word.announce(8);
        word.withdraw();
        assertFalse(word.takeIfReached(8));
    }

    @Test
    void whateverThePeerPutsThereOneWakeUpIsTheMost() {
        final WaitWord word = new WaitWord(memory, 0);
        for (final long value : new long[] {Long.MIN_VALUE, -1, 1, 7, Long.MAX_VALUE}) {
            LONG.set(memory, 0L, value);
            assertEquals(value <= 1024, word.takeIfReached(1024));
            assertFalse(word.takeIfReached(1024) && value > 1024);
            LONG.set(memory, 0L, 0L);
        }
    }

    /** The store-then-load race itself, on many words at once: one side or the other has to see it. */
    @Test
    void ofTheTwoLooksAtLeastOneSees() throws Exception {
        final WaitWord[] words = new WaitWord[WORDS];
        for (int i = 0; i < WORDS; i++) {
            words[i] = new WaitWord(memory, (long) i * STRIDE + WORD_OFFSET);
        }
        final boolean[] saw = new boolean[WORDS];
        final boolean[] took = new boolean[WORDS];
        final AtomicInteger arrived = new AtomicInteger();
        final CompletableFuture<Void> sleeper = CompletableFuture.runAsync(() -> {
            for (int round = 1; round <= ROUNDS; round++) {
                await(arrived, 3 * round - 2);
                for (int i = 0; i < WORDS; i++) {
                    words[i].announce(8L * round);
                    saw[i] = (long) LONG.getAcquire(memory, (long) i * STRIDE) >= 8L * round;
                }
                arrived.incrementAndGet();
            }
        });
        for (int round = 1; round <= ROUNDS; round++) {
            arrived.incrementAndGet();
            for (int i = 0; i < WORDS; i++) {
                LONG.setRelease(memory, (long) i * STRIDE, 8L * round);
                took[i] = words[i].takeIfReached(8L * round);
            }
            await(arrived, 3 * round - 1);
            for (int i = 0; i < WORDS; i++) {
                assertTrue(saw[i] || took[i], "a wake-up was lost in round " + round);
            }
            arrived.incrementAndGet();
        }
        sleeper.get(30, TimeUnit.SECONDS);
    }

    private static void await(final AtomicInteger counter, final int value) {
        while (counter.get() < value) {
            Thread.yield();
        }
    }
}
