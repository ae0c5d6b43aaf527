package dev.sluice.protocol;

/**
 * {@code core.exec.resize}: the terminal has another size.
 *
 * @param rows its rows, 0 to 65535
 * @param cols its columns, 0 to 65535
 */
public record ExecResize(int rows, int cols) implements Message {
    private static final StructFields FIELDS = StructFields.of("rows", "cols");
    private static final int MAX_SIZE = 0xFFFF;

    /**
     * A size.
     *
     * @throws IllegalArgumentException when rows or columns are out of range
     */
    public ExecResize {
        checkSize(rows, cols);
    }

    static void checkSize(final int rows, final int cols) {
        if (rows < 0 || rows > MAX_SIZE || cols < 0 || cols > MAX_SIZE) {
            throw new IllegalArgumentException("terminal size: rows=" + rows + " cols=" + cols);
        }
    }

    static ExecResize decode(final CborReader reader) throws ProtocolException {
        int rows = 0;
        int cols = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field == 0) {
                rows = reader.readUint16();
            } else {
                cols = reader.readUint16();
            }
        }
        struct.require(0, 1);
        return new ExecResize(rows, cols);
    }

    @Override
    public MessageType type() {
        return MessageType.EXEC_RESIZE;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(2);
        writer.writeText("rows");
        writer.writeUnsigned(rows);
        writer.writeText("cols");
        writer.writeUnsigned(cols);
    }
}
