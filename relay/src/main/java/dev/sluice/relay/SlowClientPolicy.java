package dev.sluice.relay;

/** What happens to a client without windows that does not read while the guest's next bytes are for it. */
public enum SlowClientPolicy {
    /** It is closed after {@link RelayLimit#HEAD_OF_LINE_LIMIT}. */
    EVICT,
    /** Everybody waits for it, up to {@link RelayLimit#STALL_DEADLINE}; then it is closed. */
    STALL
}
