package dev.sluice.protocol;

import java.util.Objects;

/**
 * A resource limit of a program.
 *
 * @param resource name in lower case, such as "nofile"; agents skip names they do not know
 * @param soft     soft limit, unsigned
 * @param hard     hard limit, unsigned
 */
public record ExecRlimit(String resource, long soft, long hard) {
    private static final StructFields FIELDS = StructFields.of("resource", "soft", "hard");

    /**
     * A limit.
     *
     * @throws NullPointerException when the resource is null
     */
    public ExecRlimit {
        Objects.requireNonNull(resource, "resource");
    }

    static ExecRlimit decode(final CborReader reader) throws ProtocolException {
        String resource = "";
        long soft = 0;
        long hard = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> resource = reader.readString();
                case 1 -> soft = reader.readUint64();
                default -> hard = reader.readUint64();
            }
        }
        struct.require(0, 1, 2);
        return new ExecRlimit(resource, soft, hard);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(3);
        writer.writeText("resource");
        writer.writeText(resource);
        writer.writeText("soft");
        writer.writeUnsigned(soft);
        writer.writeText("hard");
        writer.writeUnsigned(hard);
    }
}
