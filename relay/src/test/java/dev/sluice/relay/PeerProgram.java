package dev.sluice.relay;

import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HexFormat;

/**
 * A client that is a process of its own, so that it can be another user's. Needs nothing but the JDK. Prints its process id, and whether
 * the relay greeted it; when it has something to send, it ends when the relay closes the connection.
 */
final class PeerProgram {
    private PeerProgram() {
    }

    /** @param arguments path of the socket, and perhaps bytes to send, in hexadecimal */
    public static void main(final String[] arguments) throws Exception {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(arguments[0]))) {
            final ByteBuffer buffer = ByteBuffer.allocate(1000);
            final boolean greeted = channel.read(buffer) > 0;
            if (arguments.length > 1) {
                channel.write(ByteBuffer.wrap(HexFormat.of().parseHex(arguments[1])));
                while (channel.read(buffer.clear()) >= 0) {
                    continue;
                }
            }
            System.out.println(ProcessHandle.current().pid() + (greeted ? " greeted" : " refused"));
        }
    }
}
