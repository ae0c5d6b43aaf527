package dev.sluice.ffi.fault;

import dev.sluice.ffi.linux.iovec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The first bytes of an array of {@code struct iovec}, as an array of its own. */
final class ClippedVector implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final long address;
    private final int count;

    @SuppressWarnings("restricted")
    ClippedVector(final long address, final int count, final long maxBytes) {
        final MemorySegment original = MemorySegment.ofAddress(address).reinterpret(count * iovec.sizeof());
        final MemorySegment copy = arena.allocate(iovec.layout(), count).copyFrom(original);
        long left = maxBytes;
        int kept = 0;
        while (kept < count && left > 0) {
            final MemorySegment element = iovec.asSlice(copy, kept);
            final long length = Math.min(iovec.iov_len(element), left);
            iovec.iov_len(element, length);
            left -= length;
            kept++;
        }
        this.address = copy.address();
        this.count = kept;
    }

    long address() {
        return address;
    }

    int count() {
        return count;
    }

    @Override
    public void close() {
        arena.close();
    }
}
