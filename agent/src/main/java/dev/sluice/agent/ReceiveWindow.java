package dev.sluice.agent;

/**
 * What a peer may send of one stream, and when it is told that it may send more. Counted in bytes of whole data frames as they are on the
 * wire, so that the sum of what a sender keeps in flight is bounded however small its frames are.
 *
 * <pre>
 *   size = available (the peer may send) + held (arrived, not consumed) + credit (consumed, not granted again yet)
 * </pre>
 *
 * <p>Pure state. One owner thread.
 */
final class ReceiveWindow {
    private final int size;
    private long available;
    private long credit;

    /**
     * A window that the peer has been told of.
     *
     * @param size in bytes
     */
    ReceiveWindow(final int size) {
        this(size, size);
    }

    /**
     * A window that the peer has been told of in part.
     *
     * @param size in bytes
     * @param available how many of them the peer knows of; the rest is to be granted
     */
    ReceiveWindow(final int size, final int available) {
        this.size = size;
        this.available = available;
        this.credit = size - available;
    }

    /**
     * Takes note of a frame. Its head takes no room beyond this call: only its data does.
     *
     * @param frameLength bytes on the wire
     * @param dataLength bytes of data in it
     * @return false when the peer had no right to send so much; nothing is taken then
     */
    boolean received(final long frameLength, final int dataLength) {
        if (frameLength > available) {
            return false;
        }
        available -= frameLength;
        credit += frameLength - dataLength;
        return true;
    }

    /** Takes note of data that needs no room any more. */
    void consumed(final long dataLength) {
        credit += dataLength;
        if (available + credit > size) {
            throw new IllegalStateException("more consumed than received: size=" + size + " available=" + available + " credit=" + credit);
        }
    }

    /** @return bytes to grant the peer now: 0 until half of the window has been consumed, so that grants are few */
    long grantDue() {
        return credit * 2 >= size ? credit : 0;
    }

    /** The peer has been told of that many bytes. */
    void granted(final long bytes) {
        if (bytes < 0 || bytes > credit) {
            throw new IllegalStateException("granted more than consumed: bytes=" + bytes + " credit=" + credit);
        }
        credit -= bytes;
        available += bytes;
    }
}
