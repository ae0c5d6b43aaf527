package dev.sluice.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;

/** A file in the sandbox as its application reads it. */
final class FileInput extends InputStream {
    private final FileSource source;

    FileInput(final FileSource source) {
        this.source = source;
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
            return source.read(target, offset, length);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted: " + source.task()).initCause(e);
        }
    }

    @Override
    public int available() {
        return source.available();
    }

    @Override
    public void close() {
        source.close();
    }
}
