package dev.sluice.port;

import java.lang.foreign.MemorySegment;

/**
 * The bytes that come from the peer, where they lie.
 *
 * <p>A cursor walks over contiguous <em>spans</em>. Bytes the cursor has passed stay valid until {@link #release}; the peer of a ring may
 * nevertheless change them at any time, so what is to be validated is copied first and the copy is used.
 *
 * <pre>
 *   released |  passed, still valid  |        unread        |  not yet known
 *            ^ release() moves this  ^ cursor               ^ poll() moves this
 * </pre>
 *
 * <p>What has been passed is released before the owner sleeps: only then is there room for more.
 */
public interface PortReader {
    /**
     * Looks for bytes that have arrived, unless some are unread already. At most one system call, none for a ring.
     *
     * @return how many bytes can be read at least (1 and up: {@link #length()} is above 0), 0 when there are none now, or a {@link
     *     PortStatus} code below 0. Bytes that arrived before an end are handed out before the end is reported.
     */
    int poll();

    /** {@return the memory the current span lies in; meaningless while {@link #length()} is 0} */
    MemorySegment memory();

    /** {@return where the current span starts in {@link #memory()}, in bytes} */
    long offset();

    /** {@return length of the current contiguous span of unread bytes, 0 when none is known} */
    int length();

    /**
     * Moves the cursor, to the next known span at the end of this one.
     *
     * @param bytes how far, 0 to {@link #length()}
     */
    void advance(int bytes);

    /** Gives up the bytes the cursor has passed, for a ring by whole records; a ring's peer that waits for room is woken. */
    void release();
}
