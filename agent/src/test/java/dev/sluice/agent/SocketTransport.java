package dev.sluice.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Bytes over a socket. One thread may write while another reads. */
final class SocketTransport implements HostEnd.Transport {
    private final SocketChannel channel;
    private final Selector readSelector;
    private final Selector writeSelector;

    SocketTransport(final SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        readSelector = Selector.open();
        writeSelector = Selector.open();
        channel.register(readSelector, SelectionKey.OP_READ);
        channel.register(writeSelector, SelectionKey.OP_WRITE);
    }

    @Override
    public int read(final ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public int write(final ByteBuffer source) throws IOException {
        return channel.write(source);
    }

    @Override
    public void awaitBytes(final long limitMs) throws IOException {
        await(readSelector, limitMs);
    }

    @Override
    public void awaitRoom(final long limitMs) throws IOException {
        await(writeSelector, limitMs);
    }

    private static void await(final Selector selector, final long limitMs) throws IOException {
        selector.select(limitMs);
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        readSelector.close();
        writeSelector.close();
        channel.close();
    }
}
