package dev.sluice.protocol;

/**
 * What is to be changed of a file; null leaves a thing as it is.
 *
 * @param mode  permission bits, 0 to 4294967295, or null
 * @param uid   owner, 0 to 4294967295, or null
 * @param gid   group, 0 to 4294967295, or null
 * @param size  length in bytes, unsigned, or null
 * @param atime time of last access, seconds since 1970, or null
 * @param mtime time of last change, seconds since 1970, or null
 */
public record FsSetAttrs(Long mode, Long uid, Long gid, Long size, Long atime, Long mtime) {
    private static final StructFields FIELDS = StructFields.of("mode", "uid", "gid", "size", "atime", "mtime");
    private static final long MAX_UINT32 = 0xFFFFFFFFL;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException when a number is out of range
     */
    public FsSetAttrs {
        requireUint32(mode, "mode");
        requireUint32(uid, "uid");
        requireUint32(gid, "gid");
    }

    static void requireUint32(final Long value, final String name) {
        if (value != null && (value < 0 || value > MAX_UINT32)) {
            throw new IllegalArgumentException(name + ": " + value);
        }
    }

    static FsSetAttrs decode(final CborReader reader) throws ProtocolException {
        Long mode = null;
        Long uid = null;
        Long gid = null;
        Long size = null;
        Long atime = null;
        Long mtime = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (reader.tryReadNull()) {
                continue;
            }
            switch (field) {
                case 0 -> mode = reader.readUint32();
                case 1 -> uid = reader.readUint32();
                case 2 -> gid = reader.readUint32();
                case 3 -> size = reader.readUint64();
                case 4 -> atime = reader.readInt64();
                default -> mtime = reader.readInt64();
            }
        }
        return new FsSetAttrs(mode, uid, gid, size, atime, mtime);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(6);
        writer.writeText("mode");
        writer.writeUnsignedOrNull(mode);
        writer.writeText("uid");
        writer.writeUnsignedOrNull(uid);
        writer.writeText("gid");
        writer.writeUnsignedOrNull(gid);
        writer.writeText("size");
        writer.writeUnsignedOrNull(size);
        writer.writeText("atime");
        writer.writeSignedOrNull(atime);
        writer.writeText("mtime");
        writer.writeSignedOrNull(mtime);
    }
}
