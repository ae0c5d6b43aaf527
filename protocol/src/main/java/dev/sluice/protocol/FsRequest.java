package dev.sluice.protocol;

import java.util.Objects;

/**
 * {@code core.fs.request}, as peers since release 0.5.0 understand it: something to do in the guest's file system. Releases before that
 * speak {@link LegacyFsRequest}, which has the same type on the wire.
 *
 * @param op what to do
 */
public record FsRequest(FsOp op) implements Message {
    private static final StructFields FIELDS = StructFields.of("op");

    /**
     * A request.
     *
     * @throws NullPointerException when the operation is null
     */
    public FsRequest {
        Objects.requireNonNull(op, "op");
    }

    static FsRequest decode(final CborReader reader) throws ProtocolException {
        FsOp op = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        while (struct.next() != StructReader.END) {
            op = FsOpDecoder.decode(reader);
        }
        struct.require(0);
        return new FsRequest(op);
    }

    @Override
    public MessageType type() {
        return MessageType.FS_REQUEST;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(1);
        writer.writeText("op");
        writer.writeMapHead(1);
        writer.writeText(op.wireName());
        op.writeFields(writer);
    }
}
