package dev.sluice.port;

import java.lang.foreign.MemorySegment;

/** The bytes that go to the peer. */
public interface PortWriter {
    /**
     * Takes bytes for the peer, as many as there is room for now.
     *
     * @param memory where the bytes lie, off-heap; only read during the call
     * @param offset of the first byte in {@code memory}
     * @param length how many, at least 1
     * @return how many were taken (0: no room now), or a {@link PortStatus} code below 0
     */
    int write(MemorySegment memory, long offset, int length);

    /** Makes everything taken so far visible to the peer, with at most one wake-up. Without effect where writing already did that. */
    void flush();

    /**
     * Bytes taken and, as far as this side can know, not yet read by the peer. A hostile peer can make this any value from 0 to the
     * capacity, no other.
     *
     * @return bytes; for byte streams what the kernel still holds unsent
     */
    int unread();
}
