package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class LineQueueTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Semaphore reader = new Semaphore(0);
    private final List<String> read = Collections.synchronizedList(new ArrayList<>());
    private final LineQueue lines = new LineQueue(20, line -> {
        reader.acquireUninterruptibly();
        read.add(line);
    });

    @Test
    void whatNobodyReadsIsLeftOutAndToldWhereItWouldHaveBeen() {
        lines.add("1234567890");
        lines.add("abcdefghij");
        lines.add("left out");
        lines.add("this too");
        lines.await(Duration.ofMillis(1));
        assertTrue(read.isEmpty());
        reader.release(3);
        lines.await(LONG);
        assertEquals(List.of("1234567890", "abcdefghij", "2 lines were left out here: nobody read them"), read);
        lines.add("a line that is longer than all the room there is");
        reader.release();
        lines.await(LONG);
        assertEquals("a line that is longer than all the room there is", read.getLast());
    }

    @Test
    void linesKeepTheirOrder() {
        reader.release(10);
        for (int i = 0; i < 10; i++) {
            lines.add(Integer.toString(i));
        }
        lines.await(LONG);
        assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), read);
    }
}
