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

    /**
     * The kind that a session-start frame of this type opens.
     *
     * @param type null stands for one that this relay does not know
     * @return null when a frame of this type begins nothing, whatever its flags say
     */
    static SessionKind openedBy(final MessageType type) {
        if (type == null) {
            return OTHER;
        }
        if (!type.startsSession()) {
            return null;
        }
        return switch (type) {
            case EXEC_REQUEST -> EXEC;
            case FS_REQUEST -> FS;
            case TCP_CONNECT -> TCP;
            default -> OTHER;
        };
    }

    /**
     * Whether a terminal frame of this type ends a session of this kind. A program goes on when something else that was asked for under its
     * id fails, which its guest says with a terminal frame as well.
     *
     * @param type null stands for one that this relay does not know
     */
    boolean isEndedBy(final MessageType type) {
        return this != EXEC || type == null || type == MessageType.EXEC_EXITED || type == MessageType.EXEC_FAILED;
    }
}
