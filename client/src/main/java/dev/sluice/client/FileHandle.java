package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsOp;
import dev.sluice.protocol.FsOpenOptions;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Objects;

/**
 * A file that is open in the sandbox. Reads and writes name their place; there is no position. Thread safe; operations at once are done in
 * no order.
 */
public final class FileHandle implements Closeable {
    private final FileRequests requests;
    private final RemoteHandle handle;
    private final Duration time;

    private FileHandle(final FileRequests requests, final RemoteHandle handle, final Duration time) {
        this.requests = requests;
        this.handle = handle;
        this.time = time;
    }

    static FileHandle open(final FileRequests requests, final ByteString path, final FsOpenOptions options, final Duration time)
        throws SandboxException, InterruptedException {
        return new FileHandle(requests, requests.open(path, options, Deadline.after(time)), time);
    }

    /**
     * The path that the file was opened by.
     *
     * @return the path as it was given
     */
    public ByteString path() {
        return handle.path();
    }

    /**
     * Reads from a place in the file, as much as there is up to the length.
     *
     * @param position where, in bytes from the beginning
     * @param target   where the bytes go
     * @param offset   where there
     * @param length   how many at most
     * @return how many were read; less than the length only at the end of the file, 0 at it or beyond it
     * @throws SandboxException          as said of {@link SandboxFiles}
     * @throws InterruptedException      when this thread is interrupted
     * @throws IndexOutOfBoundsException when the target does not hold them
     */
    public int read(final long position, final byte[] target, final int offset, final int length)
        throws SandboxException, InterruptedException {
        checkPosition(position);
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        final StreamedOutput content = requests.read(handle, position, length, StreamedOutput::new, Deadline.after(time)).sink();
        try {
            int read = 0;
            int taken = 0;
            // One more than is wanted is waited for: that is where it is said how the reading ended.
            final byte[] beyond = new byte[1];
            while (taken >= 0) {
                read += taken;
                taken = read < length
                    ? content.read(target, offset + read, length - read, Deadline.after(time), name())
                    : content.read(beyond, 0, 1, Deadline.after(time), name());
                if (taken > 0 && read == length) {
                    throw new FileOperationException(handle.task("read"), "the agent sent more than was asked for");
                }
            }
            return read;
        } finally {
            content.discard();
        }
    }

    /**
     * Writes to a place in the file, or behind its end when it was opened for appending. Returns when the sandbox has written it.
     *
     * @param position where, in bytes from the beginning
     * @param source   where the bytes are
     * @param offset   where there
     * @param length   how many
     * @throws SandboxException          as said of {@link SandboxFiles}; some of them may have been written
     * @throws InterruptedException      when this thread is interrupted
     * @throws IndexOutOfBoundsException when the source does not have them
     */
    public void write(final long position, final byte[] source, final int offset, final int length)
        throws SandboxException, InterruptedException {
        checkPosition(position);
        Objects.checkFromIndexSize(offset, length, source.length);
        try (FileTarget target = new FileTarget(null, requests.write(handle, position, (long) length, Deadline.after(time)), time)) {
            target.write(source, offset, length);
            target.finish();
        }
    }

    /**
     * Looks at the file.
     *
     * @return what there is to say of it
     * @throws SandboxException     as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public FileInfo stat() throws SandboxException, InterruptedException {
        return requests.info(handle.task("stat"), new FsOp.FStat(handle.number()), Deadline.after(time));
    }

    /**
     * Changes what is said of the file, as {@link SandboxFiles#setAttributes}.
     *
     * @param attributes what is to change; whether links are followed means nothing here
     * @throws SandboxException     as said of {@link SandboxFiles}
     * @throws InterruptedException when this thread is interrupted
     */
    public void setAttributes(final FileAttributes attributes) throws SandboxException, InterruptedException {
        requests.run(
            handle.task("set attributes"), new FsOp.FSetStat(handle.number(), attributes.attrs()), Deadline.after(time));
    }

    /**
     * Closes the file and waits until the sandbox has. Nothing happens when it was closed before.
     *
     * @throws IOException when it could not be closed well, or this thread is interrupted
     */
    @Override
    public void close() throws IOException {
        try {
            handle.close(Deadline.after(time));
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted closing " + path()).initCause(e);
        }
    }

    private String name() {
        return "content of " + path();
    }

    private static void checkPosition(final long position) {
        if (position < 0) {
            throw new IllegalArgumentException("position: " + position);
        }
    }
}
