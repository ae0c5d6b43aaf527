package dev.sluice.relay;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes what is pending for one client, and behind it spans of a large body where they lie, with one writev.
 *
 * <p>One owner thread; used for one client at a time. The spans are only looked at until {@link #write} returns. No allocation per write.
 */
final class GatherWriter {
    /** Spans of one write besides the two that pending bytes may take; a frame of 4 MiB in 64 KiB records is written in parts. */
    static final int MAX_SPANS = 30;

    private static final int PENDING_SPANS = 2;
    private static final long IOVEC_BYTES = iovec.layout().byteSize();

    private final Posix posix;
    private final MemorySegment iovecs;
    private final MemorySegment[] memories = new MemorySegment[MAX_SPANS];
    private final long[] offsets = new long[MAX_SPANS];
    private final int[] lengths = new int[MAX_SPANS];
    private int spans;
    private int spanBytes;

    GatherWriter(final Posix posix, final Arena arena) {
        this.posix = posix;
        this.iovecs = arena.allocate(iovec.layout(), MAX_SPANS + PENDING_SPANS);
    }

    /** Fills in one {@code struct iovec}. */
    static void set(final MemorySegment iovecs, final int index, final long address, final long length) {
        final long entry = index * IOVEC_BYTES;
        iovecs.set(ValueLayout.JAVA_LONG, entry + iovec.iov_base$offset(), address);
        iovecs.set(ValueLayout.JAVA_LONG, entry + iovec.iov_len$offset(), length);
    }

    void add(final MemorySegment memory, final long offset, final int length) {
        memories[spans] = memory;
        offsets[spans] = offset;
        lengths[spans] = length;
        spans++;
        spanBytes += length;
    }

    boolean isFull() {
        return spans == MAX_SPANS;
    }

    boolean isEmpty() {
        return spans == 0;
    }

    int spanBytes() {
        return spanBytes;
    }

    /**
     * Writes once. What the socket does not take of the spans is appended to the pending bytes; the caller has made sure there is room.
     *
     * @return bytes written, or -errno; -EAGAIN counts as 0 bytes written
     */
    long write(final int fd, final ClientOutput pending) {
        final int pendingBytes = pending.pending();
        int count = pending.describe(iovecs);
        for (int i = 0; i < spans; i++) {
            set(iovecs, count++, memories[i].address() + offsets[i], lengths[i]);
        }
        long written = count == 0 ? 0 : posix.writev(fd, iovecs.address(), count);
        if (written == -Errno.EAGAIN) {
            written = 0;
        }
        if (written >= 0) {
            pending.consumed((int) Math.min(written, pendingBytes));
            keep(pending, Math.max(0, written - pendingBytes));
        }
        clear();
        return written;
    }

    /** Appends everything to the pending bytes without trying the socket. */
    void keepAll(final ClientOutput pending) {
        keep(pending, 0);
        clear();
    }

    private void keep(final ClientOutput pending, final long written) {
        long skip = written;
        for (int i = 0; i < spans; i++) {
            final int taken = (int) Math.min(skip, lengths[i]);
            skip -= taken;
            if (taken < lengths[i]) {
                pending.append(memories[i], offsets[i] + taken, lengths[i] - taken);
            }
        }
    }

    private void clear() {
        for (int i = 0; i < spans; i++) {
            memories[i] = null;
        }
        spans = 0;
        spanBytes = 0;
    }
}
