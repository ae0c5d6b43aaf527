package dev.sluice.relay;

/** What happens to a session whose output cannot be recorded in the exec log. */
public enum ExecLogPolicy {
    /** It goes on, and the log gets a marker that says how many bytes are missing. */
    GAP,
    /** The relay ends it: what is not recorded is not to happen. While the disk takes nothing, every program's session is ended. */
    FAIL_CLOSED
}
