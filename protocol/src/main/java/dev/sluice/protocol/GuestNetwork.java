package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;
import java.util.Objects;

/**
 * The guest's network. Immutable. Source: generation 7, section 4.5.
 *
 * @param interfaceName name of the interface
 * @param mac           its address, 6 bytes
 * @param mtu           largest packet, in bytes, 0 to 65535
 * @param ipv4          its IPv4 addresses, or null; left out when null
 * @param ipv6          its IPv6 addresses, or null; left out when null
 */
public record GuestNetwork(String interfaceName, ByteString mac, int mtu, Ip ipv4, Ip ipv6) {
    private static final StructFields FIELDS = StructFields.of("interface", "mac", "mtu", "ipv4", "ipv6");
    private static final int MAC_LENGTH = 6;
    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;
    private static final int MAX_MTU = 0xFFFF;
    private static final int MAX_PREFIX = 0xFF;

    /**
     * Checks the values.
     *
     * @throws NullPointerException     when the interface or its address is missing
     * @throws IllegalArgumentException when an address is of another length, or a number out of range
     */
    public GuestNetwork {
        Objects.requireNonNull(interfaceName, "interfaceName");
        requireLength(mac, MAC_LENGTH);
        if (mtu < 0 || mtu > MAX_MTU) {
            throw new IllegalArgumentException("mtu: " + mtu);
        }
        requireAddresses(ipv4, IPV4_LENGTH);
        requireAddresses(ipv6, IPV6_LENGTH);
    }

    /**
     * Addresses of one family. On the wire arrays of integers.
     *
     * @param address   the guest's address, 4 or 16 bytes
     * @param prefixLen how many of its bits are the network's, 0 to 255 on the wire
     * @param gateway   address of the gateway
     * @param dns       address of the name server, or null; left out when null
     */
    public record Ip(ByteString address, int prefixLen, ByteString gateway, ByteString dns) {
        private static final StructFields FIELDS = StructFields.of("address", "prefix_len", "gateway", "dns");

        /**
         * Checks the values.
         *
         * @throws NullPointerException     when address or gateway is missing
         * @throws IllegalArgumentException when the prefix is out of range
         */
        public Ip {
            Objects.requireNonNull(address, "address");
            Objects.requireNonNull(gateway, "gateway");
            if (prefixLen < 0 || prefixLen > MAX_PREFIX) {
                throw new IllegalArgumentException("prefixLen: " + prefixLen);
            }
        }

        static Ip decode(final CborReader reader, final int length) throws ProtocolException {
            ByteString address = ByteString.EMPTY;
            int prefixLen = 0;
            ByteString gateway = ByteString.EMPTY;
            ByteString dns = null;
            final StructReader struct = new StructReader(reader, FIELDS);
            for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
                switch (field) {
                    case 0 -> address = readOctets(reader, length);
                    case 1 -> prefixLen = reader.readUint8();
                    case 2 -> gateway = readOctets(reader, length);
                    default -> dns = reader.tryReadNull() ? null : readOctets(reader, length);
                }
            }
            struct.require(0, 1, 2);
            return new Ip(address, prefixLen, gateway, dns);
        }

        void write(final CborWriter writer) {
            writer.writeMapHead(dns == null ? 3 : 4);
            writer.writeText("address");
            writeOctets(writer, address);
            writer.writeText("prefix_len");
            writer.writeUnsigned(prefixLen);
            writer.writeText("gateway");
            writeOctets(writer, gateway);
            if (dns != null) {
                writer.writeText("dns");
                writeOctets(writer, dns);
            }
        }
    }

    static GuestNetwork decode(final CborReader reader) throws ProtocolException {
        String interfaceName = "";
        ByteString mac = ByteString.EMPTY;
        int mtu = 0;
        Ip ipv4 = null;
        Ip ipv6 = null;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> interfaceName = reader.readString();
                case 1 -> mac = readOctets(reader, MAC_LENGTH);
                case 2 -> mtu = reader.readUint16();
                case 3 -> ipv4 = reader.tryReadNull() ? null : Ip.decode(reader, IPV4_LENGTH);
                default -> ipv6 = reader.tryReadNull() ? null : Ip.decode(reader, IPV6_LENGTH);
            }
        }
        struct.require(0, 1, 2);
        return new GuestNetwork(interfaceName, mac, mtu, ipv4, ipv6);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(3 + (ipv4 == null ? 0 : 1) + (ipv6 == null ? 0 : 1));
        writer.writeText("interface");
        writer.writeText(interfaceName);
        writer.writeText("mac");
        writeOctets(writer, mac);
        writer.writeText("mtu");
        writer.writeUnsigned(mtu);
        if (ipv4 != null) {
            writer.writeText("ipv4");
            ipv4.write(writer);
        }
        if (ipv6 != null) {
            writer.writeText("ipv6");
            ipv6.write(writer);
        }
    }

    private static ByteString readOctets(final CborReader reader, final int length) throws ProtocolException {
        final ByteString octets = reader.readByteString();
        if (octets.length() != length) {
            throw reader.error(Reason.OUT_OF_RANGE, "length of an address: length=" + octets.length() + " wanted=" + length);
        }
        return octets;
    }

    private static void writeOctets(final CborWriter writer, final ByteString octets) {
        writer.writeArrayHead(octets.length());
        for (int i = 0; i < octets.length(); i++) {
            writer.writeUnsigned(octets.byteAt(i) & 0xFF);
        }
    }

    private static void requireAddresses(final Ip addresses, final int length) {
        if (addresses != null) {
            requireLength(addresses.address, length);
            requireLength(addresses.gateway, length);
            if (addresses.dns != null) {
                requireLength(addresses.dns, length);
            }
        }
    }

    private static void requireLength(final ByteString address, final int length) {
        if (address.length() != length) {
            throw new IllegalArgumentException("length of an address: length=" + address.length() + " wanted=" + length);
        }
    }
}
