package dev.sluice.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class AllocationTest {
    private static final int WARM_UP = 300_000;
    private static final int RECORDS = 200_000;

    @Test
    void recordsCostNoAllocation() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofShared()) {
            final GuardedDirection direction = new GuardedDirection(arena, 1 << 16);
            final RingWriter writer = new RingWriter(direction.memory, 1 << 16);
            final RingReader reader = new RingReader(direction.memory, 1 << 16);
            final MemorySegment bytes = arena.allocate(64);
            pass(writer, reader, bytes, WARM_UP);
            final long before = threads.getCurrentThreadAllocatedBytes();
            final long received = pass(writer, reader, bytes, RECORDS);
            final long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertEquals(64L * RECORDS, received);
            // What the measurement itself or a late compilation allocates is not a byte per record.
            assertTrue(allocated < RECORDS / 10, "allocated " + allocated + " bytes for " + RECORDS + " records");
        }
    }

    private static long pass(final RingWriter writer, final RingReader reader, final MemorySegment bytes, final int records) {
        long received = 0;
        for (int i = 0; i < records; i++) {
            writer.write(bytes, 0, 64);
            writer.publish();
            while (reader.poll() > 0) {
                received += reader.length();
                reader.advance(reader.length());
            }
            reader.release();
        }
        return received;
    }
}
