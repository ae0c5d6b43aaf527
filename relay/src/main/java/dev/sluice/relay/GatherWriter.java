package dev.sluice.relay;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.iovec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes what is pending for one client, and behind it its spans where they lie, with one writev.
 *
 * <p>One owner thread; used for one client at a time. No allocation per write.
 */
final class GatherWriter {
    /** Entries of one writev; the kernel takes up to 1024, but a socket is full long before. */
    static final int MAX_IOVECS = 128;
    /** Entries that pending bytes may take. */
    static final int PENDING_IOVECS = 2;

    private static final long IOVEC_BYTES = iovec.layout().byteSize();

    private final Posix posix;
    private final MemorySegment iovecs;

    GatherWriter(final Posix posix, final Arena arena) {
        this.posix = posix;
        this.iovecs = arena.allocate(iovec.layout(), MAX_IOVECS);
    }

    /** Fills in one {@code struct iovec}. */
    static void set(final MemorySegment iovecs, final int index, final long address, final long length) {
        final long entry = index * IOVEC_BYTES;
        iovecs.set(ValueLayout.JAVA_LONG, entry + iovec.iov_base$offset(), address);
        iovecs.set(ValueLayout.JAVA_LONG, entry + iovec.iov_len$offset(), length);
    }

    /**
     * Writes once. What the socket does not take of the spans is appended to the pending bytes; the caller has made sure there is room.
     *
     * @return bytes written, or -errno; -EAGAIN counts as 0 bytes written
     */
    long write(final int fd, final ClientOutput pending, final ClientSpans spans) {
        final int pendingBytes = pending.pending();
        final int count = spans.describe(iovecs, pending.describe(iovecs));
        long written = count == 0 ? 0 : posix.writev(fd, iovecs.address(), count);
        if (written == -Errno.EAGAIN) {
            written = 0;
        }
        if (written >= 0) {
            pending.consumed((int) Math.min(written, pendingBytes));
            spans.keep(pending, Math.max(0, written - pendingBytes));
        } else {
            spans.clear();
        }
        return written;
    }
}
