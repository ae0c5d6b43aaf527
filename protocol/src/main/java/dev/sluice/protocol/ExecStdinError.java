package dev.sluice.protocol;

import java.util.Objects;

/**
 * {@code core.exec.stdin.error}: input could not be written to the program. The session goes on.
 *
 * @param errno     number of the error in the guest, or null
 * @param errnoName its symbol, or null
 * @param message   text for people
 */
public record ExecStdinError(Integer errno, String errnoName, String message) implements Message {
    private static final StructFields FIELDS = StructFields.of("errno", "errno_name", "message");

    /**
     * An error.
     *
     * @throws NullPointerException when the message is null
     */
    public ExecStdinError {
        Objects.requireNonNull(message, "message");
    }

    static ExecStdinError decode(final CborReader reader) throws ProtocolException {
        Integer errno = null;
        String errnoName = null;
        String message = "";
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> errno = reader.tryReadNull() ? null : Integer.valueOf(reader.readInt32());
                case 1 -> errnoName = reader.tryReadNull() ? null : reader.readString();
                default -> message = reader.readString();
            }
        }
        struct.require(2);
        return new ExecStdinError(errno, errnoName, message);
    }

    @Override
    public MessageType type() {
        return MessageType.EXEC_STDIN_ERROR;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(3);
        writer.writeText("errno");
        writer.writeSignedOrNull(errno);
        writer.writeText("errno_name");
        writer.writeTextOrNull(errnoName);
        writer.writeText("message");
        writer.writeText(message);
    }
}
