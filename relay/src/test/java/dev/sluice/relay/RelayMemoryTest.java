package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.sluice.ffi.Posix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RelayMemoryTest {
    /** 32 GiB that nobody writes to are no reason not to start. */
    @Test
    void theLargestBuffersCostAddressesAlone() throws Exception {
        final String overcommit = Files.readString(Path.of("/proc/sys/vm/overcommit_memory"), US_ASCII);
        assumeFalse(overcommit.startsWith("2"), "address space counts as memory");
        final int outputBytes = (int) RelayLimit.CLIENT_BUFFER.parse("256M");
        try (RelayMemory memory = new RelayMemory(Posix.system(), outputBytes, 1)) {
            for (int place = 0; place < RangeTable.RANGES; place++) {
                memory.take();
            }
            final MemorySegment last = memory.output(RangeTable.RANGES - 1);
            last.set(ValueLayout.JAVA_BYTE, outputBytes - 1, (byte) 1);
            assertEquals(1, last.get(ValueLayout.JAVA_BYTE, outputBytes - 1));
            assertEquals(0, memory.input(0).get(ValueLayout.JAVA_BYTE, 0));
        }
    }
}
