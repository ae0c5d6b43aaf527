package dev.sluice.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Objects;

/** A file in the sandbox as its application writes it. */
final class FileOutput extends OutputStream {
    private final FileTarget target;
    private boolean closed;
    private boolean complete = true;

    FileOutput(final FileTarget target) {
        this.target = target;
    }

    @Override
    public void write(final int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(final byte[] source, final int offset, final int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        if (closed) {
            throw new IOException("the file is closed");
        }
        // Until it has been: what a write that failed leaves out is not to pass for the end.
        final boolean before = complete;
        complete = false;
        try {
            target.write(source, offset, length);
            complete = before;
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (target) {
            if (!complete) {
                throw new IOException("the file is incomplete: a write failed");
            }
            target.finish();
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static InterruptedIOException interrupted(final InterruptedException cause) {
        Thread.currentThread().interrupt();
        final InterruptedIOException exception = new InterruptedIOException("interrupted writing a file in the sandbox");
        exception.initCause(cause);
        return exception;
    }
}
