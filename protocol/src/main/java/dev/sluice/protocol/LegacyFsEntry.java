package dev.sluice.protocol;

import java.util.Objects;

/**
 * What releases before 0.5.0 say of a file.
 *
 * @param path     its path
 * @param kind     what it is
 * @param size     length in bytes, unsigned
 * @param mode     type and permission bits, 0 to 4294967295
 * @param modified time of last change, seconds since 1970, or null
 */
public record LegacyFsEntry(ByteString path, FsKind kind, long size, long mode, Long modified) {
    private static final StructFields FIELDS = StructFields.of("path", "kind", "size", "mode", "modified");

    /**
     * Checks the values.
     *
     * @throws NullPointerException     when path or kind is null
     * @throws IllegalArgumentException when the mode is out of range
     */
    public LegacyFsEntry {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(kind, "kind");
        FsSetAttrs.requireUint32(mode, "mode");
    }

    static LegacyFsEntry decode(final CborReader reader) throws ProtocolException {
        ByteString path = ByteString.EMPTY;
        FsKind kind = FsKind.OTHER;
        long size = 0;
        long mode = 0;
        Long modified = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> path = reader.readName();
                case 1 -> kind = FsKind.ofWireName(reader.readString());
                case 2 -> size = reader.readUint64();
                case 3 -> mode = reader.readUint32();
                default -> modified = reader.tryReadNull() ? null : Long.valueOf(reader.readInt64());
            }
        }
        struct.require(0, 1, 2, 3);
        return new LegacyFsEntry(path, kind, size, mode, modified);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(5);
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
    }
}
