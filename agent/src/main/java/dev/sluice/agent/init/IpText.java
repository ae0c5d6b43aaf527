package dev.sluice.agent.init;

import dev.sluice.protocol.ByteString;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Addresses of the protocol, 4 or 16 bytes, as people and files have them. */
final class IpText {
    private IpText() {
    }

    static String of(final ByteString address) {
        try {
            return InetAddress.getByAddress(address.toByteArray()).getHostAddress();
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException("length of an address: length=" + address.length(), e);
        }
    }

    /** @return whether it is the address that is none: all zero */
    static boolean isUnspecified(final ByteString address) {
        for (int i = 0; i < address.length(); i++) {
            if (address.byteAt(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
