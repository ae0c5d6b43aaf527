package dev.sluice.agent;

/**
 * How much of one stream may still be sent to the peer, counted in bytes of whole data frames as they are on the wire.
 *
 * <p>Pure state. One owner thread.
 */
final class SendWindow {
    /** For peers that know nothing of windows. */
    static final long UNLIMITED = Long.MAX_VALUE;

    private long available;

    /**
     * A window of a first size.
     *
     * @param available in bytes, or {@link #UNLIMITED}
     */
    SendWindow(final long available) {
        if (available < 0) {
            throw new IllegalArgumentException("window: available=" + available);
        }
        this.available = available;
    }

    /** @return bytes that may be sent now, {@link #UNLIMITED} without a window */
    long available() {
        return available;
    }

    /** Widens the window. Anything that a peer can ask for is accepted: the largest window is no window, and costs this side nothing. */
    void grant(final long bytes) {
        if (available != UNLIMITED) {
            available = bytes < 0 || available + bytes < 0 ? UNLIMITED - 1 : Math.min(available + bytes, UNLIMITED - 1);
        }
    }

    /** Takes what a frame occupies. */
    void sent(final long bytes) {
        if (bytes < 0 || bytes > available) {
            throw new IllegalStateException("window overrun: bytes=" + bytes + " available=" + available);
        }
        if (available != UNLIMITED) {
            available -= bytes;
        }
    }
}
