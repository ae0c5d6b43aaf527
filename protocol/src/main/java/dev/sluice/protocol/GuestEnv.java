package dev.sluice.protocol;

import java.util.Objects;

/**
 * A variable of the guest's environment.
 *
 * @param key   its name
 * @param value its value
 */
public record GuestEnv(ByteString key, ByteString value) {
    private static final StructFields FIELDS = StructFields.of("key", "value");

    /**
     * Checks that nothing is missing.
     *
     * @throws NullPointerException when key or value is null
     */
    public GuestEnv {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
    }

    static GuestEnv decode(final CborReader reader) throws ProtocolException {
        ByteString key = ByteString.EMPTY;
        ByteString value = ByteString.EMPTY;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field == 0) {
                key = reader.readName();
            } else {
                value = reader.readName();
            }
        }
        struct.require(0, 1);
        return new GuestEnv(key, value);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(2);
        writer.writeText("key");
        writer.writeName(key);
        writer.writeText("value");
        writer.writeName(value);
    }
}
