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
 * @param whole     all of the file is going to be written and its length set, though it is not emptied at first: it may be the very file
 *                  that is being read. Tells an agent that replaces files when they are complete that this one can be; key
 *                  {@code sluice_whole}, left out when false
 */
public record FsOpenOptions(
    boolean read, boolean write, boolean append, boolean create, boolean truncate, boolean createNew, Long mode, boolean whole) {
    private static final String WHOLE_KEY = "sluice_whole";
    private static final StructFields FIELDS =
        StructFields.of("read", "write", "append", "create", "truncate", "create_new", "mode", WHOLE_KEY);
    private static final int MODE_FIELD = 6;

    /**
     * How a file is opened by whom every agent understands.
     *
     * @param read      for reading
     * @param write     for writing
     * @param append    for writing at its end
     * @param create    made when it is not there
     * @param truncate  emptied when it is there
     * @param createNew made, and an error when it is there
     * @param mode      permission bits of a file that is made, 0 to 4294967295, or null for the agent's choice
     * @throws IllegalArgumentException when the mode is out of range
     */
    public FsOpenOptions(
        final boolean read, final boolean write, final boolean append, final boolean create, final boolean truncate,
        final boolean createNew, final Long mode) {
        this(read, write, append, create, truncate, createNew, mode, false);
    }

    /**
     * All that can be said.
     *
     * @throws IllegalArgumentException when the mode is out of range
     */
    public FsOpenOptions {
        FsSetAttrs.requireUint32(mode, "mode");
    }

    static FsOpenOptions decode(final CborReader reader) throws ProtocolException {
        final boolean[] flags = new boolean[MODE_FIELD];
        Long mode = null;
        boolean whole = false;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field < flags.length) {
                flags[field] = reader.readBoolean();
            } else if (field > MODE_FIELD) {
                whole = reader.readBoolean();
            } else {
                mode = reader.tryReadNull() ? null : Long.valueOf(reader.readUint32());
            }
        }
        struct.require(0, 1, 2, 3, 4, 5);
        return new FsOpenOptions(flags[0], flags[1], flags[2], flags[3], flags[4], flags[5], mode, whole);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(whole ? MODE_FIELD + 2 : MODE_FIELD + 1);
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
        if (whole) {
            writer.writeText(WHOLE_KEY);
            writer.writeBoolean(true);
        }
    }
}
