package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.MemorySegment;

/** A memfd, after mm/memfd.c. Its pages are real memory of this process, the same for everybody who maps it. */
public final class SimMemory extends SimFile {
    private final String name;
    private long length;
    private long address;
    private int seals;
    private long exposedFrom;
    private long exposedTo;

    SimMemory(final String name, final boolean sealable) {
        this.name = name;
        this.seals = sealable ? 0 : Linux.F_SEAL_SEAL;
    }

    /**
     * Says which part of it calls may be given to read from: the rest is no data.
     *
     * @param offset of the first byte
     * @param count how many
     */
    public void expose(final long offset, final long count) {
        exposedFrom = offset;
        exposedTo = offset + count;
    }

    /** Fails when a call is given bytes of this memory that are no data, or such that go beyond its end. */
    void checkExposed(final long from, final long count) {
        if (from < address + length && from + count > address) {
            SimulationFailure.unless(from >= address + exposedFrom && from + count <= address + exposedTo,
                () -> "a call reads shared memory that is no data: offset=" + (from - address) + " length=" + count);
        }
    }

    /** {@return the memory, as another process that has mapped it sees it; to be used only while a descriptor or a mapping is open} */
    @SuppressWarnings("restricted") // the mapping of this object, with its own length
    public MemorySegment segment() {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    /** Lets go of memory that somebody else than the program had; for its owner to call once. */
    public void close() {
        release();
    }

    long length() {
        return length;
    }

    int seals() {
        return seals;
    }

    int addSeals(final int added) {
        if ((seals & Linux.F_SEAL_SEAL) != 0) {
            return -Errno.EPERM;
        }
        seals |= added;
        return 0;
    }

    @Override
    long seek(final long offset, final int whence) {
        SimulationFailure.unless(whence == Linux.SEEK_END, () -> "lseek that is not simulated: whence=" + whence);
        return length + offset;
    }

    @Override
    int truncate(final long newLength) {
        final int inTheWay = newLength < length ? Linux.F_SEAL_SHRINK : Linux.F_SEAL_GROW;
        if (newLength != length && (seals & inTheWay) != 0) {
            return -Errno.EPERM;
        }
        SimulationFailure.unless(address == 0, () -> "a memfd is resized a second time, which is not simulated: " + name);
        address = map(newLength);
        length = newLength;
        return 0;
    }

    long address() {
        return address;
    }

    /** Reserves zeroed pages of this process. */
    static long map(final long length) {
        try {
            return Posix.system().mmap(length, Linux.PROT_READ | Linux.PROT_WRITE,
                Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS, -1, 0);
        } catch (final PosixException e) {
            throw new IllegalStateException("no memory to simulate with: length=" + length, e);
        }
    }

    /** Gives pages of {@link #map} back. */
    static void unmap(final long address, final long length) {
        try {
            Posix.system().munmap(address, length);
        } catch (final PosixException e) {
            throw new IllegalStateException("memory of the simulation", e);
        }
    }

    @Override
    int events() {
        return Linux.EPOLLIN | Linux.EPOLLOUT;
    }

    @Override
    void released() {
        if (address != 0) {
            unmap(address, length);
            address = 0;
        }
    }

    @Override
    String describe() {
        return "memfd " + name;
    }
}
