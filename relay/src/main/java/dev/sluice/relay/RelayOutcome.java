package dev.sluice.relay;

/** Why {@link Relay#run} returned. */
public enum RelayOutcome {
    /** {@link Relay#shutdown} was called. */
    STOPPED,
    /** A client ordered core.shutdown and the guest has ended, or its time was up. */
    GUEST_SHUT_DOWN,
    /** Nobody used the guest for {@link RelayLimit#IDLE_TIMEOUT}; it was told to end. */
    IDLE_TIMEOUT,
    /** {@link RelayLimit#MAX_DURATION} is over; the guest was told to end. */
    MAX_DURATION,
    /** The guest was lost and {@link RelayContext#exitOnGuestLoss()} is set. */
    GUEST_LOST,
    /** The first guest did not send core.ready before {@link RelayLimit#READY_DEADLINE}. */
    NEVER_READY
}
