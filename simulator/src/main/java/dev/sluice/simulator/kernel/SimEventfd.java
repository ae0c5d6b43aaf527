package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;

/** An event counter, after fs/eventfd.c, without semaphore mode. */
final class SimEventfd extends SimFile {
    private static final long MOST = -2L;

    private long count;

    SimEventfd(final int initialValue) {
        count = Integer.toUnsignedLong(initialValue);
    }

    @Override
    long read(final long address, final long length) {
        if (length < Long.BYTES) {
            return -Errno.EINVAL;
        }
        if (count == 0) {
            return -Errno.EAGAIN;
        }
        RawMemory.putLong(address, count);
        count = 0;
        wake(Linux.EPOLLOUT);
        return Long.BYTES;
    }

    @Override
    long write(final long address, final long length) {
        if (length < Long.BYTES) {
            return -Errno.EINVAL;
        }
        final long added = RawMemory.getLong(address);
        if (Long.compareUnsigned(added, MOST - count) > 0) {
            return added == -1L ? -Errno.EINVAL : -Errno.EAGAIN;
        }
        count += added;
        wake(Linux.EPOLLIN);
        return Long.BYTES;
    }

    @Override
    int events() {
        return (count == 0 ? 0 : Linux.EPOLLIN) | (Long.compareUnsigned(count, MOST) < 0 ? Linux.EPOLLOUT : 0);
    }

    @Override
    void released() {
    }

    @Override
    SimFile detached() {
        return new SimEventfd(0);
    }

    @Override
    String describe() {
        return "eventfd";
    }
}
