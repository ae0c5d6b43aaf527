package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.FrameDescriptor;
import java.lang.foreign.MemorySegment;

/**
 * All memory that bytes of clients pass through, reserved at once: places for as many clients as there are ranges, each an input and an
 * output buffer, and the assembly buffers. The kernel gives pages only where something was written, so what nobody uses costs address space
 * alone, however large (MAP_NORESERVE); and the place that was given back last is taken first, so that what is used is as much as there
 * ever were clients at one time.
 *
 * <p>One owner thread; freed by {@link #close} when no buffer is in use any more.
 */
final class RelayMemory implements AutoCloseable {
    private static final long PAGE = 4096;

    private final Posix posix;
    private final long address;
    private final long length;
    private final MemorySegment memory;
    private final long outputsOffset;
    private final long assembliesOffset;
    private final int outputBytes;
    private final int assemblyBuffers;
    /** Places that nobody has, the last given back on top. */
    private final int[] free = new int[RangeTable.RANGES];
    private int freeCount;
    private boolean closed;

    RelayMemory(final Posix posix, final int outputBytes, final int assemblyBuffers) throws PosixException {
        this.posix = posix;
        this.outputBytes = outputBytes;
        this.assemblyBuffers = assemblyBuffers;
        outputsOffset = (long) RangeTable.RANGES * ClientInput.CAPACITY;
        assembliesOffset = outputsOffset + (long) RangeTable.RANGES * outputBytes;
        length = assembliesOffset + assemblyBuffers * assemblyBytes();
        address = posix.mmap(length, Linux.PROT_READ | Linux.PROT_WRITE,
            Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS | Linux.MAP_NORESERVE, -1, 0);
        memory = view(address, length);
        for (int place = RangeTable.RANGES - 1; place >= 0; place--) {
            free[freeCount++] = place;
        }
    }

    @SuppressWarnings("restricted") // the mapping made above, with its own length
    private static MemorySegment view(final long address, final long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    private static long assemblyBytes() {
        return FrameDescriptor.MAX_FRAME_LENGTH + PAGE - 1 & -PAGE;
    }

    /** {@return a place for a client; there is one for each that holds a range} */
    int take() {
        return free[--freeCount];
    }

    void giveBack(final int place) {
        free[freeCount++] = place;
    }

    MemorySegment input(final int place) {
        return memory.asSlice((long) place * ClientInput.CAPACITY, ClientInput.CAPACITY);
    }

    MemorySegment output(final int place) {
        return memory.asSlice(outputsOffset + (long) place * outputBytes, outputBytes);
    }

    MemorySegment[] assemblies() {
        final MemorySegment[] buffers = new MemorySegment[assemblyBuffers];
        for (int i = 0; i < assemblyBuffers; i++) {
            buffers[i] = memory.asSlice(assembliesOffset + i * assemblyBytes(), FrameDescriptor.MAX_FRAME_LENGTH);
        }
        return buffers;
    }

    @Override
    public void close() throws PosixException {
        if (!closed) {
            closed = true;
            posix.munmap(address, length);
        }
    }
}
