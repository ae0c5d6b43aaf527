package dev.sluice.protocol;

/**
 * How a file is opened.
 *
 * @param read      for reading
 * @param write     for writing
 * @param append    for writing at its end
 * @param create    made when it is not there
 * @param truncate  emptied when it is there
 * @param createNew made, and an error when it is there
 * @param mode      permission bits of a file that is made, 0 to 4294967295, or null for the agent's choice
 */
public record FsOpenOptions(
    boolean read, boolean write, boolean append, boolean create, boolean truncate, boolean createNew, Long mode) {
    private static final StructFields FIELDS =
        StructFields.of("read", "write", "append", "create", "truncate", "create_new", "mode");

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException when the mode is out of range
     */
    public FsOpenOptions {
        FsSetAttrs.requireUint32(mode, "mode");
    }

    static FsOpenOptions decode(final CborReader reader) throws ProtocolException {
        final boolean[] flags = new boolean[6];
        Long mode = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field < flags.length) {
                flags[field] = reader.readBoolean();
            } else {
                mode = reader.tryReadNull() ? null : Long.valueOf(reader.readUint32());
            }
        }
        struct.require(0, 1, 2, 3, 4, 5);
        return new FsOpenOptions(flags[0], flags[1], flags[2], flags[3], flags[4], flags[5], mode);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(7);
        writer.writeText("read");
        writer.writeBoolean(read);
        writer.writeText("write");
        writer.writeBoolean(write);
        writer.writeText("append");
        writer.writeBoolean(append);
        writer.writeText("create");
        writer.writeBoolean(create);
        writer.writeText("truncate");
        writer.writeBoolean(truncate);
        writer.writeText("create_new");
        writer.writeBoolean(createNew);
        writer.writeText("mode");
        writer.writeUnsignedOrNull(mode);
    }
}
