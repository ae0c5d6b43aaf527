package dev.sluice.protocol;

/**
 * {@code core.init.resolved}: the agent has resolved its default user and waits for {@code core.init.ack}.
 *
 * @param uid user id, 0 to 4294967295
 * @param gid group id, 0 to 4294967295
 */
public record InitResolved(long uid, long gid) implements Message {
    private static final StructFields FIELDS = StructFields.of("default_user");
    private static final StructFields USER_FIELDS = StructFields.of("uid", "gid");
    private static final long MAX_ID = 0xFFFFFFFFL;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException when a number is out of range
     */
    public InitResolved {
        if (uid < 0 || uid > MAX_ID || gid < 0 || gid > MAX_ID) {
            throw new IllegalArgumentException("uid=" + uid + " gid=" + gid);
        }
    }

    static InitResolved decode(final CborReader reader) throws ProtocolException {
        InitResolved resolved = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        while (struct.next() != StructReader.END) {
            resolved = decodeUser(reader);
        }
        struct.require(0);
        return resolved;
    }

    private static InitResolved decodeUser(final CborReader reader) throws ProtocolException {
        long uid = 0;
        long gid = 0;
        final StructReader struct = new StructReader(reader, USER_FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field == 0) {
                uid = reader.readUint32();
            } else {
                gid = reader.readUint32();
            }
        }
        struct.require(0, 1);
        return new InitResolved(uid, gid);
    }

    @Override
    public MessageType type() {
        return MessageType.INIT_RESOLVED;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1);
        writer.writeText("default_user");
        writer.writeMapHead(2);
        writer.writeText("uid");
        writer.writeUnsigned(uid);
        writer.writeText("gid");
        writer.writeUnsigned(gid);
    }
}
