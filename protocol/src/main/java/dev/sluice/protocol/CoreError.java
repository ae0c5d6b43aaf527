package dev.sluice.protocol;

import java.util.Locale;
import java.util.Objects;

/**
 * {@code core.error}: the agent has refused a frame. It has the flags of a terminal message even where the session goes on.
 *
 * @param kind          what was wrong
 * @param message       text for people
 * @param offendingType name of the refused message's type, or null; left out when null
 */
public record CoreError(Kind kind, String message, String offendingType) implements Message {
    private static final StructFields FIELDS = StructFields.of("kind", "message", "offending_type");

    /** Kinds of refusals. */
    public enum Kind {
        /** The envelope could not be decoded. */
        MALFORMED_MESSAGE,
        /** The type is not known. */
        UNSUPPORTED_MESSAGE_TYPE,
        /** The generation is not supported. */
        UNSUPPORTED_PROTOCOL_GENERATION,
        /** The flags are not those of the type. */
        INVALID_FLAGS,
        /** The payload could not be decoded. */
        INVALID_PAYLOAD,
        /** There is no such session. */
        INVALID_SESSION,
        /** A kind that this implementation does not know: only ever read, never to be sent. */
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
     * A refusal.
     *
     * @throws NullPointerException when kind or message is null
     */
    public CoreError {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(message, "message");
    }

    static CoreError decode(final CborReader reader) throws ProtocolException {
        Kind kind = Kind.OTHER;
        String message = "";
        String offendingType = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> kind = kindOf(reader.readString());
                case 1 -> message = reader.readString();
                default -> offendingType = reader.tryReadNull() ? null : reader.readString();
            }
        }
        struct.require(0, 1);
        return new CoreError(kind, message, offendingType);
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
        return MessageType.ERROR;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(offendingType == null ? 2 : 3);
        writer.writeText("kind");
        writer.writeText(kind.wireName());
        writer.writeText("message");
        writer.writeText(message);
        if (offendingType != null) {
            writer.writeText("offending_type");
            writer.writeText(offendingType);
        }
    }
}
