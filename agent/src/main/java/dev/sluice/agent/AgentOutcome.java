package dev.sluice.agent;

/** Why {@link Agent#run} returned. */
public enum AgentOutcome {
    /** {@link Agent#shutdown} or {@link Agent#close} was called. */
    STOPPED,
    /** The host ordered core.shutdown; every program has ended and every answer has been sent that the host took. */
    SHUT_DOWN,
    /** The host has gone, and {@link HostOptions#awaitNext()} says not to wait for another. */
    HOST_LOST,
    /** The host sent what is no frame, and {@link HostOptions#awaitNext()} says not to wait for another: it may be no host at all. */
    HOST_BROKEN
}
