package dev.sluice.protocol;

/**
 * {@code core.exec.exited}: the program has ended, and this is the last message of its session.
 *
 * @param code      its exit code; agents differ in what they write for a program killed by a signal: 128 + signal, or -1
 * @param signal    the signal that killed it, 0 for none or not told; left out when 0, and not known to other peers
 * @param truncated whether output was lost because the session was ended before the output was; left out when false, and not known to
 *                  other peers
 */
public record ExecExited(int code, int signal, boolean truncated) implements Message {
    private static final StructFields FIELDS = StructFields.of("code", "signal", "truncated");

    /**
     * An end without further particulars.
     *
     * @param code the exit code
     */
    public ExecExited(final int code) {
        this(code, 0, false);
    }

    static ExecExited decode(final CborReader reader) throws ProtocolException {
        int code = 0;
        int signal = 0;
        boolean truncated = false;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> code = reader.readInt32();
                case 1 -> signal = reader.tryReadNull() ? 0 : reader.readInt32();
                default -> truncated = !reader.tryReadNull() && reader.readBoolean();
            }
        }
        struct.require(0);
        return new ExecExited(code, signal, truncated);
    }

    @Override
    public MessageType type() {
        return MessageType.EXEC_EXITED;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1 + (signal == 0 ? 0 : 1) + (truncated ? 1 : 0));
        writer.writeText("code");
        writer.writeSigned(code);
        if (signal != 0) {
            writer.writeText("signal");
            writer.writeSigned(signal);
        }
        if (truncated) {
            writer.writeText("truncated");
            writer.writeBoolean(true);
        }
    }
}
