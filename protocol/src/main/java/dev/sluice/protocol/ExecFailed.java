package dev.sluice.protocol;

import java.util.Locale;
import java.util.Objects;

/**
 * {@code core.exec.failed}: the program could not be started, and this is the last message of its session.
 *
 * @param kind      what kind of failure
 * @param errno     number of the error in the guest, or null
 * @param errnoName its symbol, or null
 * @param message   text for people
 * @param stage     what was being done, or null
 */
public record ExecFailed(Kind kind, Integer errno, String errnoName, String message, String stage) implements Message {
    private static final StructFields FIELDS = StructFields.of("kind", "errno", "errno_name", "message", "stage");

    /** Kinds of failures. */
    public enum Kind {
        /** There is no such program. */
        NOT_FOUND,
        /** It, or a directory on the way, may not be used. */
        PERMISSION_DENIED,
        /** It is not a program. */
        NOT_EXECUTABLE,
        /** The working directory cannot be entered. */
        BAD_CWD,
        /** Arguments or environment cannot be passed. */
        BAD_ARGS,
        /** A limit on resources is in the way. */
        RESOURCE_LIMIT,
        /** The user cannot be taken on. */
        USER_SETUP_FAILED,
        /** No memory. */
        OUT_OF_MEMORY,
        /** No terminal could be made. */
        PTY_SETUP_FAILED,
        /** Anything else, also kinds that this implementation does not know. */
        OTHER;

        /**
         * Name on the wire.
         *
         * @return the name in lower case
         */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A failure.
     *
     * @throws NullPointerException when kind or message is null
     */
    public ExecFailed {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(message, "message");
    }

    static ExecFailed decode(final CborReader reader) throws ProtocolException {
        Kind kind = Kind.OTHER;
        Integer errno = null;
        String errnoName = null;
        String message = "";
        String stage = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> kind = kindOf(reader.readString());
                case 1 -> errno = reader.tryReadNull() ? null : Integer.valueOf(reader.readInt32());
                case 2 -> errnoName = reader.tryReadNull() ? null : reader.readString();
                case 3 -> message = reader.readString();
                default -> stage = reader.tryReadNull() ? null : reader.readString();
            }
        }
        struct.require(0, 3);
        return new ExecFailed(kind, errno, errnoName, message, stage);
    }

    private static Kind kindOf(final String wireName) {
        for (final Kind kind : Kind.values()) {
            if (kind.wireName().equals(wireName)) {
                return kind;
            }
        }
        return Kind.OTHER;
    }

    @Override
    public MessageType type() {
        return MessageType.EXEC_FAILED;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(5);
        writer.writeText("kind");
        writer.writeText(kind.wireName());
        writer.writeText("errno");
        writer.writeSignedOrNull(errno);
        writer.writeText("errno_name");
        writer.writeTextOrNull(errnoName);
        writer.writeText("message");
        writer.writeText(message);
        writer.writeText("stage");
        writer.writeTextOrNull(stage);
    }
}
