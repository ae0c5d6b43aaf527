package dev.sluice.protocol;

/**
 * {@code sluice.window} as an object; see {@link WindowFrame} for its meaning and for encoding without allocation.
 *
 * @param stream {@link WindowFrame#STDIN}, {@link WindowFrame#STDOUT} or {@link WindowFrame#STDERR}
 * @param bytes  how many more wire bytes are granted, 0 to {@link WindowFrame#MAX_BYTES}
 */
public record WindowGrant(int stream, long bytes) implements Message {
    /**
     * A grant.
     *
     * @throws IllegalArgumentException when there is no such stream, or no message can grant so much
     */
    public WindowGrant {
        WindowFrame.check(stream, bytes);
    }

    static WindowGrant decode(final CborReader reader) throws ProtocolException {
        final WindowPayload payload = new WindowPayload();
        payload.decode(reader);
        return new WindowGrant(payload.stream(), payload.bytes());
    }

    @Override
    public MessageType type() {
        return MessageType.WINDOW;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(2);
        writer.writeText("stream");
        writer.writeUnsigned(stream);
        writer.writeText("bytes");
        writer.writeUnsigned(bytes);
    }
}
