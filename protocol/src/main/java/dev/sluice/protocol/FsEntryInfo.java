package dev.sluice.protocol;

import java.util.Objects;

/**
 * What there is to say of a file.
 *
 * @param path     its path
 * @param kind     what it is
 * @param size     length in bytes, unsigned
 * @param mode     type and permission bits, 0 to 4294967295
 * @param modified time of last change, seconds since 1970, or null
 * @param uid      owner, 0 to 4294967295
 * @param gid      group, 0 to 4294967295
 * @param atime    time of last access, seconds since 1970, or null
 * @param mtime    time of last change, seconds since 1970, or null
 */
public record FsEntryInfo(
    ByteString path, FsKind kind, long size, long mode, Long modified, long uid, long gid, Long atime, Long mtime) {
    private static final StructFields FIELDS =
        StructFields.of("path", "kind", "size", "mode", "modified", "uid", "gid", "atime", "mtime");

    /**
     * Checks the values.
     *
     * @throws NullPointerException     when path or kind is null
     * @throws IllegalArgumentException when a number is out of range
     */
    public FsEntryInfo {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(kind, "kind");
        FsSetAttrs.requireUint32(mode, "mode");
        FsSetAttrs.requireUint32(uid, "uid");
        FsSetAttrs.requireUint32(gid, "gid");
    }

    static FsEntryInfo decode(final CborReader reader) throws ProtocolException {
        ByteString path = ByteString.EMPTY;
        FsKind kind = FsKind.OTHER;
        long size = 0;
        long mode = 0;
        Long modified = null;
        long uid = 0;
        long gid = 0;
        Long atime = null;
        Long mtime = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> path = reader.readName();
                case 1 -> kind = FsKind.ofWireName(reader.readString());
                case 2 -> size = reader.readUint64();
                case 3 -> mode = reader.readUint32();
                case 4 -> modified = reader.tryReadNull() ? null : Long.valueOf(reader.readInt64());
                case 5 -> uid = reader.readUint32();
                case 6 -> gid = reader.readUint32();
                case 7 -> atime = reader.tryReadNull() ? null : Long.valueOf(reader.readInt64());
                default -> mtime = reader.tryReadNull() ? null : Long.valueOf(reader.readInt64());
            }
        }
        struct.require(0, 1, 2, 3, 5, 6);
        return new FsEntryInfo(path, kind, size, mode, modified, uid, gid, atime, mtime);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(9);
        writer.writeText("path");
        writer.writeName(path);
        writer.writeText("kind");
        writer.writeText(kind.wireName());
        writer.writeText("size");
        writer.writeUnsigned(size);
        writer.writeText("mode");
        writer.writeUnsigned(mode);
        writer.writeText("modified");
        writer.writeSignedOrNull(modified);
        writer.writeText("uid");
        writer.writeUnsigned(uid);
        writer.writeText("gid");
        writer.writeUnsigned(gid);
        writer.writeText("atime");
        writer.writeSignedOrNull(atime);
        writer.writeText("mtime");
        writer.writeSignedOrNull(mtime);
    }
}
