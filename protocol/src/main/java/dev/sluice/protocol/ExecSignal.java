package dev.sluice.protocol;

/**
 * {@code core.exec.signal}: signals the program and what it has started.
 *
 * @param signal the signal's number in the guest
 */
public record ExecSignal(int signal) implements Message {
    private static final StructFields FIELDS = StructFields.of("signal");

    static ExecSignal decode(final CborReader reader) throws ProtocolException {
        int signal = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        while (struct.next() != StructReader.END) {
            signal = reader.readInt32();
        }
        struct.require(0);
        return new ExecSignal(signal);
    }

    @Override
    public MessageType type() {
        return MessageType.EXEC_SIGNAL;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1);
        writer.writeText("signal");
        writer.writeSigned(signal);
    }
}
