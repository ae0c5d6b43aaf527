package dev.sluice.protocol;

import java.util.Objects;

/**
 * {@code core.fs.request}, as releases before 0.5.0 understand it: operations on paths. The type and even the generation on the wire are
 * those of {@link FsRequest}; who knows that the peer is that old asks for {@link #decode(Envelope)}.
 *
 * <p>Source: relay protocol, section 1.4.
 *
 * @param op          what to do
 * @param path        what with; the source of a copy or renaming
 * @param destination where to, for a copy or renaming; else null
 * @param mode        permission bits of a file that is written, 0 to 4294967295, or null; null for other operations
 */
public record LegacyFsRequest(Op op, ByteString path, ByteString destination, Long mode) implements Message {
    private static final StructFields FIELDS = StructFields.of("op");
    private static final StructFields PATH_AND_MODE = StructFields.of("path", "mode");
    private static final StructFields SOURCE_AND_DESTINATION = StructFields.of("src", "dst");

    /** Operations. */
    public enum Op {
        /** Looks at a file. */
        STAT("Stat"),
        /** Lists a directory. */
        LIST("List"),
        /** Reads a file: {@code core.fs.data} messages bring it. */
        READ("Read"),
        /** Writes a file from the {@code core.fs.data} messages that follow, an empty one at the end. */
        WRITE("Write"),
        /** Makes a directory. */
        MKDIR("Mkdir"),
        /** Removes a file. */
        REMOVE("Remove"),
        /** Removes a directory. */
        REMOVE_DIR("RemoveDir"),
        /** Copies a file. */
        COPY("Copy"),
        /** Renames a file or directory. */
        RENAME("Rename");

        private final String wireName;

        Op(final String wireName) {
            this.wireName = wireName;
        }

        /**
         * Name on the wire.
         *
         * @return the name
         */
        public String wireName() {
            return wireName;
        }

        /**
         * Tells whether there are two paths.
         *
         * @return true for a copy or renaming
         */
        public boolean hasDestination() {
            return this == COPY || this == RENAME;
        }
    }

    /**
     * Checks the values.
     *
     * @throws NullPointerException     when operation or path is null, or the destination of an operation that has one
     * @throws IllegalArgumentException when there is a destination or mode that the operation has not, or the mode is out of range
     */
    public LegacyFsRequest {
        Objects.requireNonNull(path, "path");
        if (op.hasDestination()) {
            Objects.requireNonNull(destination, "destination");
        } else if (destination != null) {
            throw new IllegalArgumentException("operation without destination: op=" + op);
        }
        if (mode != null && op != Op.WRITE) {
            throw new IllegalArgumentException("operation without mode: op=" + op);
        }
        FsSetAttrs.requireUint32(mode, "mode");
    }

    /**
     * Decodes the payload of an envelope.
     *
     * @param envelope the envelope of a {@code core.fs.request}
     * @return the request, which keeps nothing of it
     * @throws ProtocolException when it cannot be decoded
     */
    public static LegacyFsRequest decode(final Envelope envelope) throws ProtocolException {
        final CborReader reader =
            new CborReader().wrap(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength());
        LegacyFsRequest request = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        while (struct.next() != StructReader.END) {
            final VariantReader variant = new VariantReader(reader);
            request = decodeFields(reader, opOf(variant));
            variant.end();
        }
        struct.require(0);
        return request;
    }

    private static Op opOf(final VariantReader variant) throws ProtocolException {
        for (final Op op : Op.values()) {
            if (op.wireName.equals(variant.name())) {
                return op;
            }
        }
        throw variant.unknown();
    }

    private static LegacyFsRequest decodeFields(final CborReader reader, final Op op) throws ProtocolException {
        ByteString first = null;
        ByteString second = null;
        Long mode = null;
        final StructReader struct = new StructReader(reader, op.hasDestination() ? SOURCE_AND_DESTINATION : PATH_AND_MODE);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field == 0) {
                first = reader.readName();
            } else if (op.hasDestination()) {
                second = reader.readName();
            } else if (op == Op.WRITE) {
                mode = reader.tryReadNull() ? null : Long.valueOf(reader.readUint32());
            } else {
                reader.skip();
            }
        }
        struct.require(0);
        if (op.hasDestination()) {
            struct.require(1);
        }
        return new LegacyFsRequest(op, first, second, mode);
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
        writer.writeText(op.wireName);
        if (op.hasDestination()) {
            writer.writeMapHead(2);
            writer.writeText("src");
            writer.writeName(path);
            writer.writeText("dst");
            writer.writeName(destination);
            return;
        }
        writer.writeMapHead(op == Op.WRITE ? 2 : 1);
        writer.writeText("path");
        writer.writeName(path);
        if (op == Op.WRITE) {
            writer.writeText("mode");
            writer.writeUnsignedOrNull(mode);
        }
    }
}
