package dev.sluice.protocol;

import java.util.Objects;

/**
 * Bytes of a stream as an object: for tools and tests. Programs that move data use {@link DataFrame} and {@link DataPayload}.
 *
 * @param type a type that {@link MessageType#carriesData}
 * @param data the bytes, none at the end of a stream to the guest
 */
public record DataMessage(MessageType type, ByteString data) implements Message {
    /**
     * Bytes of a stream.
     *
     * @throws IllegalArgumentException when the type carries no data
     */
    public DataMessage {
        Objects.requireNonNull(data, "data");
        if (!type.carriesData()) {
            throw new IllegalArgumentException("type carries no data: type=" + type);
        }
    }

    static DataMessage decode(final MessageType type, final CborReader reader) throws ProtocolException {
        final DataPayload payload = new DataPayload().read(reader);
        return new DataMessage(type, ByteString.copyOf(payload.dataMemory(), payload.dataOffset(), payload.dataLength()));
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1);
        writer.writeText("data");
        writer.writeBytes(data);
    }
}
