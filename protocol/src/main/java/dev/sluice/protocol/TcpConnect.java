package dev.sluice.protocol;

import java.util.Objects;

/**
 * {@code core.tcp.connect}: connects to a port from inside the guest.
 *
 * @param host a name or an address, as the guest knows it
 * @param port the port, 0 to 65535
 * @param sluiceWindow wire bytes of data from the guest that the client may be sent before {@code sluice.window} grants more; 0 when the
 *     client has no windows; left out when 0
 */
public record TcpConnect(String host, int port, long sluiceWindow) implements Message {
    private static final StructFields FIELDS = StructFields.of("host", "port", Ready.WINDOW_KEY);

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
        WindowFrame.check(WindowFrame.FROM_GUEST, sluiceWindow);
    }

    /**
     * A request of a client without windows.
     *
     * @param host a name or an address, as the guest knows it
     * @param port the port, 0 to 65535
     */
    public TcpConnect(final String host, final int port) {
        this(host, port, 0);
    }

    static TcpConnect decode(final CborReader reader) throws ProtocolException {
        String host = "";
        int port = 0;
        long sluiceWindow = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> host = reader.readString();
                case 1 -> port = reader.readUint16();
                default -> sluiceWindow = reader.tryReadNull() ? 0 : reader.readUint32();
            }
        }
        struct.require(0, 1);
        return new TcpConnect(host, port, sluiceWindow);
    }

    @Override
    public MessageType type() {
        return MessageType.TCP_CONNECT;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(sluiceWindow == 0 ? 2 : 3);
        writer.writeText("host");
        writer.writeText(host);
        writer.writeText("port");
        writer.writeUnsigned(port);
        if (sluiceWindow != 0) {
            writer.writeText(Ready.WINDOW_KEY);
            writer.writeUnsigned(sluiceWindow);
        }
    }
}
