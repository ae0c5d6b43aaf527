package dev.sluice.protocol;

/**
 * {@code core.relay.client.disconnected}: a client of the relay has gone; its files and connections are to be closed.
 *
 * @param idStart first id of its range, 0 to 4294967295
 * @param idEndExclusive first id behind its range, 0 to 4294967295
 */
public record ClientDisconnected(long idStart, long idEndExclusive) implements Message {
    private static final StructFields FIELDS = StructFields.of("id_start", "id_end_exclusive");

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException when a number is out of range
     */
    public ClientDisconnected {
        if (idStart < 0 || idStart > 0xFFFFFFFFL || idEndExclusive < 0 || idEndExclusive > 0xFFFFFFFFL) {
            throw new IllegalArgumentException("idStart=" + idStart + " idEndExclusive=" + idEndExclusive);
        }
    }

    static ClientDisconnected decode(final CborReader reader) throws ProtocolException {
        long idStart = 0;
        long idEndExclusive = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field == 0) {
                idStart = reader.readUint32();
            } else {
                idEndExclusive = reader.readUint32();
            }
        }
        struct.require(0, 1);
        return new ClientDisconnected(idStart, idEndExclusive);
    }

    @Override
    public MessageType type() {
        return MessageType.CLIENT_DISCONNECTED;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(2);
        writer.writeText("id_start");
        writer.writeUnsigned(idStart);
        writer.writeText("id_end_exclusive");
        writer.writeUnsigned(idEndExclusive);
    }
}
