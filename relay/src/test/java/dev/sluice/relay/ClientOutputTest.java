package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.ffi.linux.iovec;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClientOutputTest {
    private static final int CAPACITY = 64;

    @Test
    void whatIsAppendedComesOutInOrderAroundTheEnd() {
        final Random random = new Random(Seeds.next("output"));
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(CAPACITY);
            final MemorySegment iovecs = arena.allocate(iovec.layout(), 2);
            final ClientOutput output = new ClientOutput(memory);
            final ByteArrayOutputStream expected = new ByteArrayOutputStream();
            final ByteArrayOutputStream got = new ByteArrayOutputStream();
            for (int i = 0; i < 10_000; i++) {
                final byte[] bytes = new byte[random.nextInt(output.room() + 1)];
                random.nextBytes(bytes);
                output.append(MemorySegment.ofArray(bytes), 0, bytes.length);
                expected.writeBytes(bytes);
                assertEquals(expected.size() - got.size(), output.pending());
                int take = random.nextInt(output.pending() + 1);
                final int count = output.describe(iovecs);
                final int taken = take;
                for (int entry = 0; entry < count && take > 0; entry++) {
                    final MemorySegment slice = iovecs.asSlice(entry * iovec.layout().byteSize(), iovec.layout());
                    final int length = (int) Math.min(take, iovec.iov_len(slice));
                    final long offset = iovec.iov_base(slice).address() - memory.address();
                    got.writeBytes(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
                    take -= length;
                }
                assertEquals(0, take);
                output.consumed(taken);
            }
            assertArrayEquals(java.util.Arrays.copyOf(expected.toByteArray(), got.size()), got.toByteArray());
        }
    }
}
