package dev.sluice.cli;

import java.io.IOException;

/**
 * A standard stream that is written to in pieces and given to the kernel in large ones. Its user flushes before it waits for anything.
 */
final class BufferedStream {
    private static final int CAPACITY = 64 * 1024;

    private final StandardStream stream;
    private final byte[] buffer = new byte[CAPACITY];
    private int length;

    BufferedStream(final StandardStream stream) {
        this.stream = stream;
    }

    void write(final byte[] bytes) throws IOException {
        if (bytes.length > CAPACITY - length) {
            flush();
        }
        if (bytes.length > CAPACITY) {
            stream.write(bytes, 0, bytes.length);
        } else {
            System.arraycopy(bytes, 0, buffer, length, bytes.length);
            length += bytes.length;
        }
    }

    void flush() throws IOException {
        if (length > 0) {
            final int whole = length;
            // What could not be written once is not tried again.
            length = 0;
            stream.write(buffer, 0, whole);
        }
    }

    boolean isTerminal() {
        return stream.isTerminal();
    }

    boolean hasPeer() {
        return stream.hasPeer();
    }
}
