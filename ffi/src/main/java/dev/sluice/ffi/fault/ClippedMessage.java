package dev.sluice.ffi.fault;

import dev.sluice.ffi.linux.msghdr;

import java.lang.foreign.MemorySegment;

/** A {@code struct msghdr} whose vector is clipped while this is open. What recvmsg writes into the rest of it stays. */
final class ClippedMessage implements AutoCloseable {
    private final MemorySegment message;
    private final MemorySegment vector;
    private final long count;
    private final ClippedVector clipped;

    @SuppressWarnings("restricted")
    ClippedMessage(final long address, final long maxBytes) {
        message = MemorySegment.ofAddress(address).reinterpret(msghdr.sizeof());
        vector = msghdr.msg_iov(message);
        count = msghdr.msg_iovlen(message);
        clipped = new ClippedVector(vector.address(), (int) count, maxBytes);
        msghdr.msg_iov(message, MemorySegment.ofAddress(clipped.address()));
        msghdr.msg_iovlen(message, clipped.count());
    }

    long address() {
        return message.address();
    }

    @Override
    public void close() {
        msghdr.msg_iov(message, vector);
        msghdr.msg_iovlen(message, count);
        clipped.close();
    }
}
