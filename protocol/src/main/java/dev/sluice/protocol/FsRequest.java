package dev.sluice.protocol;

import java.util.Objects;

/**
 * {@code core.fs.request}, as peers since release 0.5.0 understand it: something to do in the guest's file system. Releases before that
 * speak {@link LegacyFsRequest}, which has the same type on the wire.
 *
 * @param op what to do
 * @param sluiceWindow of a client that has windows, else 0 and left out: wire bytes of core.fs.data that it may be sent before
 *     {@code sluice.window} grants more. With it, what it sends itself is bounded by the window of core.ready and by grants.
 */
public record FsRequest(FsOp op, long sluiceWindow) implements Message {
    private static final StructFields FIELDS = StructFields.of("op", Ready.WINDOW_KEY);

    /**
     * A request.
     *
     * @throws NullPointerException     when the operation is null
     * @throws IllegalArgumentException when the window is out of range
     */
    public FsRequest {
        Objects.requireNonNull(op, "op");
        WindowFrame.check(WindowFrame.FROM_GUEST, sluiceWindow);
    }

    /**
     * A request of a client without windows.
     *
     * @param op what to do
     * @throws NullPointerException when the operation is null
     */
    public FsRequest(final FsOp op) {
        this(op, 0);
    }

    static FsRequest decode(final CborReader reader) throws ProtocolException {
        FsOp op = null;
        long sluiceWindow = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field == 0) {
                op = FsOpDecoder.decode(reader);
            } else {
                sluiceWindow = reader.tryReadNull() ? 0 : reader.readUint32();
            }
        }
        struct.require(0);
        return new FsRequest(op, sluiceWindow);
    }

    @Override
    public MessageType type() {
        return MessageType.FS_REQUEST;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(sluiceWindow == 0 ? 1 : 2);
        writer.writeText("op");
        writer.writeMapHead(1);
        writer.writeText(op.wireName());
        op.writeFields(writer);
        if (sluiceWindow != 0) {
            writer.writeText(Ready.WINDOW_KEY);
            writer.writeUnsigned(sluiceWindow);
        }
    }
}
