package dev.sluice.protocol;

/**
 * Decodes {@link FsOp}.
 */
final class FsOpDecoder {
    private static final StructFields PATH = StructFields.of("path");
    private static final StructFields PATH_FOLLOW_SYMLINK = StructFields.of("path", "follow_symlink");
    private static final StructFields PATH_FOLLOW_SYMLINK_ATTRS = StructFields.of("path", "follow_symlink", "attrs");
    private static final StructFields TARGET_LINK_PATH = StructFields.of("target", "link_path");
    private static final StructFields PATH_MODE = StructFields.of("path", "mode");
    private static final StructFields PATH_RECURSIVE = StructFields.of("path", "recursive");
    private static final StructFields SRC_DST = StructFields.of("src", "dst");
    private static final StructFields PATH_OPTIONS = StructFields.of("path", "options");
    private static final StructFields HANDLE = StructFields.of("handle");
    private static final StructFields HANDLE_OFFSET_LEN = StructFields.of("handle", "offset", "len");
    private static final StructFields HANDLE_LIMIT = StructFields.of("handle", "limit");
    private static final StructFields HANDLE_ATTRS = StructFields.of("handle", "attrs");

    private final CborReader reader;
    private ByteString path;
    private boolean followSymlink;
    private FsSetAttrs attrs;
    private ByteString target;
    private ByteString linkPath;
    private Long mode;
    private boolean recursive;
    private ByteString src;
    private ByteString dst;
    private FsOpenOptions options;
    private long handle;
    private long offset;
    private Long len;
    private Long limit;

    private FsOpDecoder(final CborReader reader) {
        this.reader = reader;
    }

    static FsOp decode(final CborReader reader) throws ProtocolException {
        final VariantReader variant = new VariantReader(reader);
        final FsOp op = new FsOpDecoder(reader).decode(variant);
        variant.end();
        return op;
    }

    private FsOp decode(final VariantReader variant) throws ProtocolException {
        switch (variant.name()) {
            case "RealPath" -> {
                read(PATH, 0);
                return new FsOp.RealPath(path);
            }
            case "Stat" -> {
                read(PATH_FOLLOW_SYMLINK, 0, 1);
                return new FsOp.Stat(path, followSymlink);
            }
            case "SetStat" -> {
                read(PATH_FOLLOW_SYMLINK_ATTRS, 0, 1, 2);
                return new FsOp.SetStat(path, followSymlink, attrs);
            }
            case "List" -> {
                read(PATH, 0);
                return new FsOp.List(path);
            }
            case "ReadLink" -> {
                read(PATH, 0);
                return new FsOp.ReadLink(path);
            }
            case "Symlink" -> {
                read(TARGET_LINK_PATH, 0, 1);
                return new FsOp.Symlink(target, linkPath);
            }
            case "Mkdir" -> {
                read(PATH_MODE, 0);
                return new FsOp.Mkdir(path, mode);
            }
            case "Remove" -> {
                read(PATH, 0);
                return new FsOp.Remove(path);
            }
            case "RemoveDir" -> {
                read(PATH_RECURSIVE, 0, 1);
                return new FsOp.RemoveDir(path, recursive);
            }
            case "Copy" -> {
                read(SRC_DST, 0, 1);
                return new FsOp.Copy(src, dst);
            }
            case "Rename" -> {
                read(SRC_DST, 0, 1);
                return new FsOp.Rename(src, dst);
            }
            case "OpenFile" -> {
                read(PATH_OPTIONS, 0, 1);
                return new FsOp.OpenFile(path, options);
            }
            case "OpenDir" -> {
                read(PATH, 0);
                return new FsOp.OpenDir(path);
            }
            case "CloseHandle" -> {
                read(HANDLE, 0);
                return new FsOp.CloseHandle(handle);
            }
            case "Read" -> {
                read(HANDLE_OFFSET_LEN, 0, 1);
                return new FsOp.Read(handle, offset, len);
            }
            case "Write" -> {
                read(HANDLE_OFFSET_LEN, 0, 1);
                return new FsOp.Write(handle, offset, len);
            }
            case "ReadDir" -> {
                read(HANDLE_LIMIT, 0);
                return new FsOp.ReadDir(handle, limit);
            }
            case "FStat" -> {
                read(HANDLE, 0);
                return new FsOp.FStat(handle);
            }
            case "FSetStat" -> {
                read(HANDLE_ATTRS, 0, 1);
                return new FsOp.FSetStat(handle, attrs);
            }
            default -> throw variant.unknown();
        }
    }

    /** Reads the fields of one operation; those whose indices are given must be there. */
    private void read(final StructFields fields, final int... required) throws ProtocolException {
        final StructReader struct = new StructReader(reader, fields);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            readValue(fields.name(field));
        }
        struct.require(required);
    }

    private void readValue(final String field) throws ProtocolException {
        switch (field) {
            case "path" -> path = reader.readName();
            case "follow_symlink" -> followSymlink = reader.readBoolean();
            case "attrs" -> attrs = FsSetAttrs.decode(reader);
            case "target" -> target = reader.readName();
            case "link_path" -> linkPath = reader.readName();
            case "mode" -> mode = reader.tryReadNull() ? null : Long.valueOf(reader.readUint32());
            case "recursive" -> recursive = reader.readBoolean();
            case "src" -> src = reader.readName();
            case "dst" -> dst = reader.readName();
            case "options" -> options = FsOpenOptions.decode(reader);
            case "handle" -> handle = reader.readUint64();
            case "offset" -> offset = reader.readUint64();
            case "len" -> len = reader.tryReadNull() ? null : Long.valueOf(reader.readUint64());
            case "limit" -> limit = reader.tryReadNull() ? null : Long.valueOf(reader.readUint32());
            default -> throw new IllegalStateException("no such field of a file operation: " + field);
        }
    }
}
