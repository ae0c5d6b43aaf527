package dev.sluice.protocol;

/** Which way a message goes. The relay, where it speaks for itself, is on the host's side. */
public enum Direction {
    /** From a client or the relay to the guest's agent. */
    HOST_TO_GUEST,
    /** From the guest's agent to the host. */
    GUEST_TO_HOST,
    /** Either way. */
    BOTH
}
