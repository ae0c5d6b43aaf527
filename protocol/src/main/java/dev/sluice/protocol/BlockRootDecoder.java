package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;

/**
 * Decodes {@link BlockRoot}. Which fields a map needs is known only when its kind has been read, and that may be last: the fields of all
 * kinds are collected first.
 */
final class BlockRootDecoder {
    private static final StructFields ROOT_FIELDS = StructFields.of("kind", "device", "fstype", "lower", "upper");
    private static final StructFields UPPER_FIELDS = StructFields.of("kind", "device", "fstype", "size_mib");
    private static final int KIND = 0;
    private static final int DEVICE = 1;
    private static final int FSTYPE = 2;
    private static final int LOWER = 3;
    private static final int UPPER = 4;

    private BlockRootDecoder() {
    }

    static BlockRoot decode(final CborReader reader) throws ProtocolException {
        String kind = "";
        ByteString device = null;
        String fstype = null;
        ByteString lower = null;
        BlockRoot.Upper upper = null;
        final StructReader struct = new StructReader(reader, ROOT_FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case KIND -> kind = reader.readString();
                case DEVICE -> device = reader.readName();
                case FSTYPE -> fstype = reader.tryReadNull() ? null : reader.readString();
                case LOWER -> lower = reader.readName();
                default -> upper = decodeUpper(reader);
            }
        }
        struct.require(KIND);
        switch (kind) {
            case "disk-image" -> {
                struct.require(DEVICE);
                return new BlockRoot.DiskImage(device, fstype);
            }
            case "oci-erofs" -> {
                struct.require(LOWER, UPPER);
                return new BlockRoot.OciErofs(lower, upper);
            }
            default -> throw unknownKind(reader, kind);
        }
    }

    private static BlockRoot.Upper decodeUpper(final CborReader reader) throws ProtocolException {
        String kind = "";
        ByteString device = null;
        String fstype = null;
        Long sizeMib = null;
        final StructReader struct = new StructReader(reader, UPPER_FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case KIND -> kind = reader.readString();
                case DEVICE -> device = reader.readName();
                case FSTYPE -> fstype = reader.readString();
                default -> sizeMib = reader.tryReadNull() ? null : Long.valueOf(reader.readUint32());
            }
        }
        struct.require(KIND);
        switch (kind) {
            case "device" -> {
                struct.require(DEVICE, FSTYPE);
                return new BlockRoot.UpperDevice(device, fstype);
            }
            case "tmpfs" -> {
                return new BlockRoot.UpperTmpfs(sizeMib);
            }
            default -> throw unknownKind(reader, kind);
        }
    }

    private static ProtocolException unknownKind(final CborReader reader, final String kind) {
        reader.field(ROOT_FIELDS.name(KIND));
        return reader.error(Reason.UNKNOWN_NAME, "unknown kind: " + kind);
    }
}
