package dev.sluice.systemtests;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a virtio port does to a byte stream, between a relay that dials and an agent that listens: the guest's writes reach the host in
 * pieces of at most 32 KiB, the host's reach the guest in pieces of at most 4 KiB, and there is room for few of them.
 */
final class ChunkingPump implements AutoCloseable {
    private static final int GUEST_WRITE_BYTES = 32 * 1024;
    private static final int GUEST_READ_BYTES = 4 * 1024;
    private static final Duration AGENT_LIMIT = Duration.ofSeconds(30);

    private final SocketChannel relay;
    private final SocketChannel agent;
    private final Thread toGuest;
    private final Thread toHost;

    private ChunkingPump(final SocketChannel relay, final SocketChannel agent) throws IOException {
        this.relay = relay;
        this.agent = agent;
        agent.setOption(StandardSocketOptions.SO_SNDBUF, GUEST_READ_BYTES);
        relay.setOption(StandardSocketOptions.SO_SNDBUF, GUEST_WRITE_BYTES);
        toGuest = Thread.ofPlatform().name("pump to guest").start(() -> carry(relay, agent, GUEST_READ_BYTES));
        toHost = Thread.ofPlatform().name("pump to host").start(() -> carry(agent, relay, GUEST_WRITE_BYTES));
    }

    /** Waits for both ends, the relay to dial one path and the agent to listen at the other. */
    static ChunkingPump join(final Path relayPath, final Path agentPath) throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(relayPath));
            final SocketChannel agent =
                Await.success(SocketException.class, AGENT_LIMIT, () -> SocketChannel.open(UnixDomainSocketAddress.of(agentPath)));
            return new ChunkingPump(listener.accept(), agent);
        }
    }

    /** Ends when either end has ended, and ends the other way with it. */
    private static void carry(final SocketChannel source, final SocketChannel target, final int chunkBytes) {
        final ByteBuffer chunk = ByteBuffer.allocateDirect(chunkBytes);
        try (source; target) {
            while (source.read(chunk.clear()) >= 0) {
                chunk.flip();
                while (chunk.hasRemaining()) {
                    target.write(chunk);
                }
            }
        } catch (final IOException e) {
            // One of the two is gone, and the other is told by the end of its connection.
            return;
        }
    }

    /** Whether both ends are still there. */
    boolean isOpen() {
        return relay.isOpen() && agent.isOpen();
    }

    @Override
    public void close() throws IOException {
        relay.close();
        agent.close();
        while (toGuest.isAlive() || toHost.isAlive()) {
            Thread.onSpinWait();
        }
    }
}
