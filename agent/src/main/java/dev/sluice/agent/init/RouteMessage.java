package dev.sluice.agent.init;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.protocol.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A request to the kernel about its network, in the byte order of the machine. Sources: netlink(7), rtnetlink(7), linux/netlink.h,
 * linux/rtnetlink.h, linux/if_addr.h.
 *
 * <pre>
 *   nlmsghdr    0  u32 length   4  u16 type   6  u16 flags   8  u32 sequence   12  u32 port
 *   ifinfomsg  16  u8 family   17  u8 0      18  u16 type   20  i32 index      24  u32 flags   28  u32 change
 *   ifaddrmsg  16  u8 family   17  u8 prefix 18  u8 flags   19  u8 scope       20  u32 index
 *   rtmsg      16  u8 family   17  u8 dst    18  u8 src     19  u8 tos         20  u8 table    21  u8 protocol
 *              22  u8 scope    23  u8 type   24  u32 flags
 *   rtattr      0  u16 length   2  u16 type   4  the value, then nothing up to a multiple of 4
 * </pre>
 *
 * <p>Pure. One thread.
 */
final class RouteMessage {
    private static final int CAPACITY = 512;
    private static final int LENGTH_OFFSET = 0;
    private static final int HEADER_LENGTH = 16;
    private static final int ATTRIBUTE_HEADER_LENGTH = 4;
    private static final int ALIGNMENT = 4;

    private final ByteBuffer bytes = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());

    private RouteMessage(final int type, final int flags) {
        bytes.putInt(0).putShort((short) type).putShort((short) (Linux.NLM_F_REQUEST | Linux.NLM_F_ACK | flags)).putInt(1).putInt(0);
    }

    /** @return a change of an interface, found by its name: it goes up if that is wanted */
    static RouteMessage link(final String name, final boolean up) {
        final RouteMessage message = new RouteMessage(Linux.RTM_NEWLINK, 0);
        final int flags = up ? Linux.IFF_UP : 0;
        message.bytes.put((byte) Linux.AF_UNSPEC).put((byte) 0).putShort((short) 0).putInt(0).putInt(flags).putInt(flags);
        final byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return message.attribute(Linux.IFLA_IFNAME, Arrays.copyOf(text, text.length + 1));
    }

    /** Changes its hardware address. */
    RouteMessage hardwareAddress(final ByteString address) {
        return attribute(Linux.IFLA_ADDRESS, address.toByteArray());
    }

    /** Changes its largest packet. @param length in bytes */
    RouteMessage mtu(final int length) {
        return attribute(Linux.IFLA_MTU, length);
    }

    /** @return one more address of an interface; of IPv6 one that is used at once, without asking the others on the network */
    static RouteMessage address(final int index, final ByteString address, final int prefixLength) {
        final RouteMessage message = new RouteMessage(Linux.RTM_NEWADDR, Linux.NLM_F_CREATE | Linux.NLM_F_REPLACE);
        final int family = family(address);
        final int flags = family == Linux.AF_INET6 ? Linux.IFA_F_NODAD : 0;
        message.bytes.put((byte) family).put((byte) prefixLength).put((byte) flags).put((byte) Linux.RT_SCOPE_UNIVERSE).putInt(index);
        return message.attribute(Linux.IFA_LOCAL, address.toByteArray()).attribute(Linux.IFA_ADDRESS, address.toByteArray());
    }

    /** @return the route for everything that no other route is for, by a gateway that need not be in the interface's network */
    static RouteMessage defaultRoute(final int index, final ByteString gateway) {
        final RouteMessage message = new RouteMessage(Linux.RTM_NEWROUTE, Linux.NLM_F_CREATE | Linux.NLM_F_REPLACE);
        message.bytes.put((byte) family(gateway)).put((byte) 0).put((byte) 0).put((byte) 0)
            .put((byte) Linux.RT_TABLE_MAIN).put((byte) Linux.RTPROT_STATIC).put((byte) Linux.RT_SCOPE_UNIVERSE)
            .put((byte) Linux.RTN_UNICAST).putInt(Linux.RTNH_F_ONLINK);
        return message.attribute(Linux.RTA_GATEWAY, gateway.toByteArray()).attribute(Linux.RTA_OIF, index);
    }

    private static int family(final ByteString address) {
        return address.length() == Integer.BYTES ? Linux.AF_INET : Linux.AF_INET6;
    }

    private RouteMessage attribute(final int type, final int value) {
        return attribute(type, ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array());
    }

    private RouteMessage attribute(final int type, final byte[] value) {
        bytes.putShort((short) (ATTRIBUTE_HEADER_LENGTH + value.length)).putShort((short) type).put(value);
        while (bytes.position() % ALIGNMENT != 0) {
            bytes.put((byte) 0);
        }
        return this;
    }

    /** @return the whole message */
    byte[] toByteArray() {
        bytes.putInt(LENGTH_OFFSET, bytes.position());
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /**
     * Reads an answer.
     *
     * @param answer what the kernel has sent
     * @param length in bytes
     * @return the error number, 0 for none; negative when it is no answer of that kind
     */
    static int error(final ByteBuffer answer, final int length) {
        final ByteBuffer ordered = answer.duplicate().order(ByteOrder.nativeOrder());
        if (length < HEADER_LENGTH + Integer.BYTES || ordered.getShort(Integer.BYTES) != Linux.NLMSG_ERROR) {
            return -1;
        }
        return -ordered.getInt(HEADER_LENGTH);
    }
}
