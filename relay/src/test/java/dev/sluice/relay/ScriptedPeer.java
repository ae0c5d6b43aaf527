package dev.sluice.relay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One end of a connection that never blocks: what it was told to send, what it has received, cut into frames. */
class ScriptedPeer {
    private static final int READ_LENGTH = 64 * 1024;

    /** Frames that were given to it to send, in order. */
    final List<byte[]> sent = new ArrayList<>();
    /** Frames received whole, in order. */
    final List<byte[]> received = new ArrayList<>();
    /** Whether the other side ended the connection. */
    boolean ended;
    /** Whether this side did. */
    boolean closed;
    private final SweepChannel channel;
    private final ByteArrayOutputStream outbound = new ByteArrayOutputStream();
    private final ByteBuffer inbound = ByteBuffer.allocate(READ_LENGTH);
    private byte[] unparsed = {};

    /** What bytes go through. */
    interface SweepChannel extends AutoCloseable {
        /** Reads what there is; 0 for nothing now, below 0 for the end. */
        int read(ByteBuffer buffer) throws IOException;

        /** Writes what there is room for; below 0 for the end. */
        int write(ByteBuffer buffer) throws IOException;

        @Override
        void close() throws IOException;
    }

    ScriptedPeer(final SweepChannel channel) {
        this.channel = channel;
    }

    static SweepChannel of(final SocketChannel socket) throws IOException {
        socket.configureBlocking(false);
        return new SweepChannel() {
            @Override
            public int read(final ByteBuffer buffer) throws IOException {
                return socket.read(buffer);
            }

            @Override
            public int write(final ByteBuffer buffer) throws IOException {
                return socket.write(buffer);
            }

            @Override
            public void close() throws IOException {
                socket.close();
            }
        };
    }

    /** {@return what has been received and is no whole frame yet} */
    byte[] partial() {
        return unparsed;
    }

    boolean isOver() {
        return ended || closed;
    }

    void send(final byte[] frame) {
        sent.add(frame);
        outbound.writeBytes(frame);
    }

    /** Reads and writes what can be; {@return whether that was anything} */
    boolean pump() {
        if (isOver()) {
            return false;
        }
        boolean moved = false;
        try {
            for (int count = channel.read(inbound.clear()); count != 0; count = channel.read(inbound.clear())) {
                moved = true;
                if (count < 0) {
                    ended = true;
                    break;
                }
                parse(count);
            }
            moved |= !ended && flush();
        } catch (final IOException e) {
            ended = true;
            moved = true;
        }
        return moved;
    }

    private boolean flush() throws IOException {
        if (outbound.size() == 0) {
            return false;
        }
        final byte[] bytes = outbound.toByteArray();
        final int count = channel.write(ByteBuffer.wrap(bytes));
        if (count < 0) {
            ended = true;
            return true;
        }
        outbound.reset();
        outbound.write(bytes, count, bytes.length - count);
        return count > 0;
    }

    private void parse(final int count) {
        byte[] bytes = Arrays.copyOf(unparsed, unparsed.length + count);
        System.arraycopy(inbound.array(), 0, bytes, unparsed.length, count);
        for (int length = frameLength(bytes); length > 0 && length <= bytes.length; length = frameLength(bytes)) {
            final byte[] frame = Arrays.copyOf(bytes, length);
            bytes = Arrays.copyOfRange(bytes, length, bytes.length);
            received.add(frame);
            unparsed = bytes;
            onFrame(frame);
        }
        unparsed = bytes;
    }

    /** Length of what comes next as a whole, 0 when that is not known yet. */
    int frameLength(final byte[] bytes) {
        return bytes.length < 4 ? 0 : 4 + ByteBuffer.wrap(bytes).getInt();
    }

    /** A frame has been received. */
    void onFrame(final byte[] frame) {
        // Kept, nothing else.
    }

    void close() {
        if (!closed) {
            closed = true;
            try {
                channel.close();
            } catch (final IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    static int id(final byte[] frame) {
        return ByteBuffer.wrap(frame).getInt(4);
    }

    static int flags(final byte[] frame) {
        return frame[8];
    }
}
