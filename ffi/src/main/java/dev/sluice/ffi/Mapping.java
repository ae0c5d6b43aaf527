package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;

import java.io.Closeable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A shared mapping of a descriptor, readable and writable, as a bounds-checked memory segment.
 *
 * <p>The file must not shrink while it is mapped: access beyond its end ends the process (SIGBUS). Map only what {@link SealedMemory} made
 * or verified.
 *
 * <p><b>Threads.</b> The segment is usable from any thread until {@link #close}. Addresses taken from it are not protected: stop whoever
 * passes them to system calls before closing. <b>Ownership.</b> Does not own the descriptor, which may be closed once it is mapped.
 */
public final class Mapping implements Closeable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;
    private boolean closed;

    /**
     * Maps the start of a file.
     *
     * @param posix the calls
     * @param fd what is mapped
     * @param size in bytes, at least 1
     * @throws PosixException if mmap fails
     */
    @SuppressWarnings("restricted")
    public Mapping(final Posix posix, final int fd, final long size) throws PosixException {
        final long address = posix.mmap(size, Linux.PROT_READ | Linux.PROT_WRITE, Linux.MAP_SHARED, fd, 0);
        this.segment = MemorySegment.ofAddress(address).reinterpret(size, arena, mapped -> posix.syscalls().munmap(address, size));
    }

    /**
     * The mapped memory.
     *
     * @return a segment of exactly the size asked for; dead after {@link #close}
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Unmaps the memory. Idempotent.
     *
     * @throws IllegalStateException if a thread is in the middle of an access or has lent the segment to a native call
     */
    @Override
    public void close() {
        synchronized (arena) {
            if (!closed) {
                arena.close();
                closed = true;
            }
        }
    }
}
