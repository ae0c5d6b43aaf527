package dev.sluice.protocol;

/**
 * {@code core.touched}: answer to {@code core.touch}.
 *
 * @param activitySeq the agent's count of activity after the touch, unsigned
 */
public record Touched(long activitySeq) implements Message {
    private static final StructFields FIELDS = StructFields.of("activity_seq");

    static Touched decode(final CborReader reader) throws ProtocolException {
        long activitySeq = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        while (struct.next() != StructReader.END) {
            activitySeq = reader.readUint64();
        }
        struct.require(0);
        return new Touched(activitySeq);
    }

    @Override
    public MessageType type() {
        return MessageType.TOUCHED;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1);
        writer.writeText("activity_seq");
        writer.writeUnsigned(activitySeq);
    }
}
