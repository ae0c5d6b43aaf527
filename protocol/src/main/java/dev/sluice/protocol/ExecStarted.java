package dev.sluice.protocol;

/**
 * {@code core.exec.started}: the program runs.
 *
 * @param pid its process id in the guest, 0 to 4294967295
 */
public record ExecStarted(long pid) implements Message {
    private static final StructFields FIELDS = StructFields.of("pid");

    /**
     * A start.
     *
     * @throws IllegalArgumentException when the process id is not an unsigned 32-bit number
     */
    public ExecStarted {
        if (pid < 0 || pid > 0xFFFFFFFFL) {
            throw new IllegalArgumentException("pid: " + pid);
        }
    }

    static ExecStarted decode(final CborReader reader) throws ProtocolException {
        long pid = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        while (struct.next() != StructReader.END) {
            pid = reader.readUint32();
        }
        struct.require(0);
        return new ExecStarted(pid);
    }

    @Override
    public MessageType type() {
        return MessageType.EXEC_STARTED;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1);
        writer.writeText("pid");
        writer.writeUnsigned(pid);
    }
}
