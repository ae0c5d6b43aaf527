package dev.sluice.protocol;

/**
 * A message whose payload is a map without fields.
 *
 * @param type one of {@link MessageType#INIT_ACK}, {@link MessageType#PING}, {@link MessageType#PONG}, {@link MessageType#TOUCH},
 *             {@link MessageType#TCP_CONNECTED}, {@link MessageType#TCP_EOF}, {@link MessageType#TCP_CLOSE}, {@link MessageType#TCP_CLOSED}
 */
public record EmptyMessage(MessageType type) implements Message {
    private static final StructFields NO_FIELDS = StructFields.of();

    /**
     * A message without fields.
     *
     * @throws IllegalArgumentException when messages of this type have fields
     */
    public EmptyMessage {
        switch (type) {
            case INIT_ACK, PING, PONG, TOUCH, TCP_CONNECTED, TCP_EOF, TCP_CLOSE, TCP_CLOSED -> { }
            default -> throw new IllegalArgumentException("messages of this type have fields: type=" + type);
        }
    }

    static EmptyMessage decode(final MessageType type, final CborReader reader) throws ProtocolException {
        new StructReader(reader, NO_FIELDS).next();
        return new EmptyMessage(type);
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(0);
    }
}
