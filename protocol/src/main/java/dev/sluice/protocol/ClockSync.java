package dev.sluice.protocol;

/**
 * {@code core.clock.sync}: the host's clock, which the guest sets its own by when they differ.
 *
 * @param unixTimeNanos time since 1970 in nanoseconds, unsigned
 */
public record ClockSync(long unixTimeNanos) implements Message {
    private static final StructFields FIELDS = StructFields.of("unix_time_nanos");

    static ClockSync decode(final CborReader reader) throws ProtocolException {
        long unixTimeNanos = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        while (struct.next() != StructReader.END) {
            unixTimeNanos = reader.readUint64();
        }
        struct.require(0);
        return new ClockSync(unixTimeNanos);
    }

    @Override
    public MessageType type() {
        return MessageType.CLOCK_SYNC;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1);
        writer.writeText("unix_time_nanos");
        writer.writeUnsigned(unixTimeNanos);
    }
}
