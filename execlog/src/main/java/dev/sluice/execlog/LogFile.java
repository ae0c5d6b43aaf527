package dev.sluice.execlog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** One file of a log, open: it stays the same file whatever it is renamed to. */
record LogFile(FileChannel channel, Object key) implements Closeable {
    /** Reads at a position. @return bytes read, 0 at the end */
    int read(final byte[] target, final int offset, final int length, final long position) throws IOException {
        final ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
        int total = 0;
        while (buffer.hasRemaining()) {
            final int read = channel.read(buffer, position + total);
            if (read <= 0) {
                break;
            }
            total += read;
        }
        return total;
    }

    long size() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
