package dev.sluice.protocol;

/**
 * {@code core.fs.response}, as peers since release 0.5.0 write it: how a {@link FsRequest} went, and the last message of its session.
 *
 * @param ok    whether it was done
 * @param error text for people, or null
 * @param data  what it brought, or null
 */
public record FsResponse(boolean ok, String error, FsResponseData data) implements Message {
    private static final StructFields FIELDS = StructFields.of("ok", "error", "data");

    static FsResponse decode(final CborReader reader) throws ProtocolException {
        boolean ok = false;
        String error = null;
        FsResponseData data = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> ok = reader.readBoolean();
                case 1 -> error = reader.tryReadNull() ? null : reader.readString();
                default -> data = reader.tryReadNull() ? null : decodeData(reader);
            }
        }
        struct.require(0);
        return new FsResponse(ok, error, data);
    }

    private static FsResponseData decodeData(final CborReader reader) throws ProtocolException {
        final VariantReader variant = new VariantReader(reader);
        final FsResponseData data = switch (variant.name()) {
            case "Stat" -> new FsResponseData.Stat(FsEntryInfo.decode(reader));
            case "List" -> new FsResponseData.List(CborList.read(reader, FsEntryInfo::decode));
            case "Handle" -> new FsResponseData.Handle(reader.readUint64());
            case "Path" -> new FsResponseData.Path(reader.readName());
            default -> throw variant.unknown();
        };
        variant.end();
        return data;
    }

    @Override
    public MessageType type() {
        return MessageType.FS_RESPONSE;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(3);
        writer.writeText("ok");
        writer.writeBoolean(ok);
        writer.writeText("error");
        writer.writeTextOrNull(error);
        writer.writeText("data");
        if (data == null) {
            writer.writeNull();
        } else {
            data.write(writer);
        }
    }
}
