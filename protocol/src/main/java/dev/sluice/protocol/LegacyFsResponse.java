package dev.sluice.protocol;

import java.util.List;

/**
 * {@code core.fs.response}, as releases before 0.5.0 write it: how a {@link LegacyFsRequest} went, and the last message of its session.
 *
 * @param ok    whether it was done
 * @param error text for people, or null
 * @param stat  the file that was looked at, or null
 * @param list  entries of the directory that was listed, or null
 */
public record LegacyFsResponse(boolean ok, String error, LegacyFsEntry stat, List<LegacyFsEntry> list) implements Message {
    private static final StructFields FIELDS = StructFields.of("ok", "error", "data");

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException when there is a file and a list
     */
    public LegacyFsResponse {
        list = list == null ? null : List.copyOf(list);
        if (stat != null && list != null) {
            throw new IllegalArgumentException("a response brings one thing: stat=" + stat + " list=" + list);
        }
    }

    /**
     * Decodes the payload of an envelope.
     *
     * @param envelope the envelope of a {@code core.fs.response}
     * @return the response, which keeps nothing of it
     * @throws ProtocolException when it cannot be decoded
     */
    public static LegacyFsResponse decode(final Envelope envelope) throws ProtocolException {
        final CborReader reader =
            new CborReader().wrap(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength());
        boolean ok = false;
        String error = null;
        LegacyFsEntry stat = null;
        List<LegacyFsEntry> list = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field == 0) {
                ok = reader.readBoolean();
            } else if (reader.tryReadNull()) {
                continue;
            } else if (field == 1) {
                error = reader.readString();
            } else {
                final VariantReader variant = new VariantReader(reader);
                switch (variant.name()) {
                    case "Stat" -> stat = LegacyFsEntry.decode(reader);
                    case "List" -> list = CborList.read(reader, LegacyFsEntry::decode);
                    default -> throw variant.unknown();
                }
                variant.end();
            }
        }
        struct.require(0);
        return new LegacyFsResponse(ok, error, stat, list);
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
        if (stat != null) {
            writer.writeMapHead(1);
            writer.writeText("Stat");
            stat.write(writer);
        } else if (list != null) {
            writer.writeMapHead(1);
            writer.writeText("List");
            CborList.write(writer, list, (to, entry) -> entry.write(to));
        } else {
            writer.writeNull();
        }
    }
}
