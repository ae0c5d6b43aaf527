package dev.sluice.relay;

/** What happens to a client without windows that does not read while the guest's next bytes are for it. */
public enum SlowClientPolicy {
    /** It is closed after {@link RelayContext#headOfLineLimit()}. */
    EVICT,
    /** Everybody waits for it, up to {@link RelayContext#stallDeadline()}; then it is closed. */
    STALL
}
