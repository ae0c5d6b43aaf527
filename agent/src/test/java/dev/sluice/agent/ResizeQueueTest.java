package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class ResizeQueueTest {
    private final ResizeQueue queue = new ResizeQueue();

    @Test
    void aSizeWithoutInputBeforeItIsSetAtOnce() {
        queue.add(1, 2);
        assertEquals(new ResizeQueue.Resize(0, 1, 2), queue.poll());
        assertNull(queue.poll());
    }

    @Test
    void aSizeWaitsForTheInputBeforeIt() {
        queue.received(10);
        queue.add(1, 2);
        queue.received(5);
        queue.written(9);
        assertNull(queue.poll());
        queue.written(1);
        assertEquals(new ResizeQueue.Resize(10, 1, 2), queue.poll());
    }

    @Test
    void ofSizesWithNoInputBetweenThemTheLastCounts() {
        queue.received(1);
        queue.add(1, 2);
        queue.add(3, 4);
        queue.written(1);
        assertEquals(new ResizeQueue.Resize(1, 3, 4), queue.poll());
        assertNull(queue.poll());
    }

    @Test
    void moreThanTheLimitAreTakenTogether() {
        for (int i = 1; i <= ResizeQueue.LIMIT + 10; i++) {
            queue.received(1);
            queue.add(i, i);
        }
        queue.written(ResizeQueue.LIMIT + 10);
        ResizeQueue.Resize last = null;
        int count = 0;
        for (ResizeQueue.Resize next = queue.poll(); next != null; next = queue.poll()) {
            last = next;
            count++;
        }
        assertEquals(ResizeQueue.LIMIT, count);
        assertEquals(ResizeQueue.LIMIT + 10, last.rows());
    }
}
