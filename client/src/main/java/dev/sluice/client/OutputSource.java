package dev.sluice.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;

/** A stream of a session as its application reads it. */
final class OutputSource extends InputStream {
    private final StreamedOutput output;
    private final Deadline deadline;
    private final String name;

    OutputSource(final StreamedOutput output, final Deadline deadline, final String name) {
        this.output = output;
        this.deadline = deadline;
        this.name = name;
    }

    @Override
    public int read() throws IOException {
        final byte[] single = new byte[1];
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(final byte[] target, final int offset, final int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        try {
            return output.read(target, offset, length, deadline, name);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted waiting for " + name).initCause(e);
        }
    }

    @Override
    public int available() {
        return output.available();
    }

    @Override
    public void close() {
        output.discard();
    }
}
