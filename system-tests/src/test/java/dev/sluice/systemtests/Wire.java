package dev.sluice.systemtests;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;

/** A client of a relay, spoken byte by byte over the JDK's own socket: nothing of Sluice's codec is in it. */
final class Wire implements AutoCloseable {
    /** core.ready of generation 1, as the protocol's description prints it. */
    static final byte[] READY = HexFormat.of().parseHex(
        "000000520000000000a361760161746a636f72652e726561647961705838a36c626f6f745f74696d655f6e731a08f0d1806c"
            + "696e69745f74696d655f6e731a004c4b406d72656164795f74696d655f6e731a09896800");
    private static final int FRAME_HEADER = 9;
    private static final int PREFIX = 4;
    private static final int SCRATCH_BYTES = 1 << 16;

    private final SocketChannel channel;
    private final InputStream input;
    private final int idOffset;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);

    private Wire(final SocketChannel channel) throws IOException {
        this.channel = channel;
        this.input = Channels.newInputStream(channel);
        this.idOffset = ByteBuffer.wrap(read(PREFIX)).getInt();
        readFrame();
    }

    /** Connects as soon as the relay listens, and takes the 4-byte handshake, for which it waits until the guest is ready. */
    static Wire connect(final Path socket, final Duration limit) throws Exception {
        final SocketChannel channel =
            Await.success(SocketException.class, limit, () -> SocketChannel.open(UnixDomainSocketAddress.of(socket)));
        try {
            return new Wire(channel);
        } catch (final IOException e) {
            channel.close();
            throw e;
        }
    }

    static byte[] frame(final int id, final byte[] body) {
        final int length = FRAME_HEADER - PREFIX + body.length;
        return ByteBuffer.allocate(FRAME_HEADER + body.length).putInt(length).putInt(id).put((byte) 0).put(body).array();
    }

    /** The n-th id of this client's own. */
    int id(final int n) {
        return idOffset + n;
    }

    void write(final byte[] bytes) throws IOException {
        final ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private byte[] read(final int count) throws IOException {
        final byte[] bytes = input.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("end of stream after " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    /** Reads whatever is there, at least one byte, and forgets it. */
    void readSome() throws IOException {
        if (channel.read(scratch.clear()) < 0) {
            throw new EOFException();
        }
    }

    /** Reads one frame, its length prefix included. */
    byte[] readFrame() throws IOException {
        final byte[] prefix = read(PREFIX);
        final int length = ByteBuffer.wrap(prefix).getInt();
        final byte[] frame = Arrays.copyOf(prefix, PREFIX + length);
        System.arraycopy(read(length), 0, frame, PREFIX, length);
        return frame;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
