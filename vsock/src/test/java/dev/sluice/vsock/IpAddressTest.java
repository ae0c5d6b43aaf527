package dev.sluice.vsock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The bytes are those that the kernel's headers ask for, written down by hand. */
class IpAddressTest {
    private static byte[] sockaddr(final String host, final int port) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            return new IpAddress(InetAddress.getByName(host), port).toSockaddr(arena).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void portAndAddressAreInNetworkByteOrder() throws Exception {
        assertArrayEquals(HexFormat.of().parseHex("0200" + "1F90" + "7F000001" + "0000000000000000"), sockaddr("127.0.0.1", 8080));
        assertArrayEquals(
            HexFormat.of().parseHex("0A00" + "1F90" + "00000000" + "FE800000000000000000000000000001" + "02000000"),
            sockaddr("fe80::1%2", 8080));
    }

    @Test
    void thereAreNoOtherPorts() throws Exception {
        final InetAddress address = InetAddress.getByName("127.0.0.1");
        assertThrows(IllegalArgumentException.class, () -> new IpAddress(address, 65536));
        assertThrows(IllegalArgumentException.class, () -> new IpAddress(address, -1));
        assertEquals("127.0.0.1:65535", new IpAddress(address, 65535).toString());
    }
}
