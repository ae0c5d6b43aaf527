package dev.sluice.protocol;

import java.util.Objects;

/**
 * {@code core.tcp.failed}: the connection failed, and this is the last message of its session.
 *
 * @param error text for people
 */
public record TcpFailed(String error) implements Message {
    private static final StructFields FIELDS = StructFields.of("error");

    /**
     * Checks the values.
     *
     * @throws NullPointerException when a text is null
     */
    public TcpFailed {
        Objects.requireNonNull(error, "error");
    }

    static TcpFailed decode(final CborReader reader) throws ProtocolException {
        String error = "";
        final StructReader struct = new StructReader(reader, FIELDS);
        while (struct.next() != StructReader.END) {
            error = reader.readString();
        }
        struct.require(0);
        return new TcpFailed(error);
    }

    @Override
    public MessageType type() {
        return MessageType.TCP_FAILED;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1);
        writer.writeText("error");
        writer.writeText(error);
    }
}
