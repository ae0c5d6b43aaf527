package dev.sluice.relay;

import dev.sluice.protocol.MessageType;

/** What kind of session a client opened; decides how it is ended on either side. */
enum SessionKind {
    EXEC,
    FS,
    TCP,
    OTHER;

    private static final SessionKind[] VALUES = values();

    static SessionKind of(final int ordinal) {
        return VALUES[ordinal];
    }

    /** The kind that a session-start frame of this type opens; null stands for a type this relay does not know. */
    static SessionKind openedBy(final MessageType type) {
        if (type == null) {
            return OTHER;
        }
        return switch (type) {
            case EXEC_REQUEST -> EXEC;
            case FS_REQUEST -> FS;
            case TCP_CONNECT -> TCP;
            default -> OTHER;
        };
    }
}
