package dev.sluice.agent;

/** What a program may do beyond what its user may, by its own choice. Each takes more than the one before. */
enum Privileges {
    /** Everything. */
    ALL,
    /** It gains nothing by executing a file (no_new_privs). */
    NOT_GAINED,
    /**
     * Nor has it CAP_SYS_ADMIN, also as root: it mounts nothing but in a user namespace of its own. What the restricted profile of
     * core.bootstrap is, as hosts of generation 7 document it.
     */
    RESTRICTED
}
