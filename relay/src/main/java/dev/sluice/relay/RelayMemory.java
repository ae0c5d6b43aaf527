package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.FrameDescriptor;
import java.lang.foreign.MemorySegment;

/**
 * All memory that bytes of clients pass through, reserved at once: one input and one output buffer a range, and the assembly buffers. The
 * kernel gives pages only where something was written, so what nobody uses costs address space alone.
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
    private boolean closed;

    RelayMemory(final Posix posix, final int outputBytes, final int assemblyBuffers) throws PosixException {
        this.posix = posix;
        this.outputBytes = outputBytes;
        this.assemblyBuffers = assemblyBuffers;
        outputsOffset = (long) RangeTable.RANGES * ClientInput.CAPACITY;
        assembliesOffset = outputsOffset + (long) RangeTable.RANGES * outputBytes;
        length = assembliesOffset + assemblyBuffers * assemblyBytes();
        address = posix.mmap(length, Linux.PROT_READ | Linux.PROT_WRITE,
            Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0);
        memory = view(address, length);
    }

    @SuppressWarnings("restricted") // the mapping made above, with its own length
    private static MemorySegment view(final long address, final long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    private static long assemblyBytes() {
        return FrameDescriptor.MAX_FRAME_LENGTH + PAGE - 1 & -PAGE;
    }

    MemorySegment input(final int range) {
        return memory.asSlice((long) range * ClientInput.CAPACITY, ClientInput.CAPACITY);
    }

    MemorySegment output(final int range) {
        return memory.asSlice(outputsOffset + (long) range * outputBytes, outputBytes);
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
