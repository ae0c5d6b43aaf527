package dev.sluice.relay;

/**
 * Told by a relay of what happens to it, on its loop thread: methods return at once and throw nothing. One that throws ends the relay:
 * {@link Relay#run} throws what it threw, and all clients lose their connections without being told why.
 */
public interface RelayListener {
    /** Listens to nothing. */
    RelayListener NONE = new RelayListener() {
    };

    /** The guest has sent core.ready; clients are being served. Called once for every guest. */
    default void onReady() {
    }

    /** A client's core.shutdown went to the guest, which now has {@link RelayLimit#SHUTDOWN_FLUSH} to end. */
    default void onShutdownRequested() {
    }

    /**
     * The guest is gone; its sessions are being ended.
     *
     * @param reason why, in words
     */
    default void onGuestLost(final String reason) {
    }

    /** No new clients are accepted, every client has been told, and the last bytes are being written. */
    default void onDraining() {
    }
}
