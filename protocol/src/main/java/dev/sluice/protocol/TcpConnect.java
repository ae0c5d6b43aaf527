package dev.sluice.protocol;

import java.util.Objects;

/**
 * {@code core.tcp.connect}: connects to a port from inside the guest.
 *
 * @param host a name or an address, as the guest knows it
 * @param port the port, 0 to 65535
 */
public record TcpConnect(String host, int port) implements Message {
    private static final StructFields FIELDS = StructFields.of("host", "port");

    /**
     * Checks the values.
     *
     * @throws NullPointerException when a text is null
     * @throws IllegalArgumentException when a number is out of range
     */
    public TcpConnect {
        Objects.requireNonNull(host, "host");
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("port=" + port);
        }
    }

    static TcpConnect decode(final CborReader reader) throws ProtocolException {
        String host = "";
        int port = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            if (field == 0) {
                host = reader.readString();
            } else {
                port = reader.readUint16();
            }
        }
        struct.require(0, 1);
        return new TcpConnect(host, port);
    }

    @Override
    public MessageType type() {
        return MessageType.TCP_CONNECT;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(2);
        writer.writeText("host");
        writer.writeText(host);
        writer.writeText("port");
        writer.writeUnsigned(port);
    }
}
