package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsOp;
import java.io.Closeable;
import java.time.Duration;
import java.util.List;

/** A directory that is open in the sandbox, to be listed a page at a time. Thread safe; those who ask at once get pages of their own. */
public final class DirectoryHandle implements Closeable {
    private final FileRequests requests;
    private final RemoteHandle handle;
    private final Duration time;

    DirectoryHandle(final FileRequests requests, final ByteString path, final Duration time) throws SandboxException, InterruptedException {
        this.requests = requests;
        this.time = time;
        this.handle = requests.open(new FileTask("open directory", path), new FsOp.OpenDir(path), Deadline.after(time));
    }

    /**
     * The next entries, without {@code .} and {@code ..}, in no order. Symbolic links are told as such.
     *
     * @param limit how many at most, 1 to 512
     * @return the entries; none at the end
     * @throws SandboxException         as said of {@link SandboxFiles}
     * @throws InterruptedException     when this thread is interrupted
     * @throws IllegalArgumentException when the limit is out of range
     */
    public List<FileInfo> next(final int limit) throws SandboxException, InterruptedException {
        if (limit < 1 || limit > FileRequests.PAGE_LENGTH) {
            throw new IllegalArgumentException("limit: " + limit);
        }
        return requests.entries(
            handle.task("list"), new FsOp.ReadDir(handle.number(), (long) limit), Deadline.after(time));
    }

    /** Closes the directory. Does not wait. */
    @Override
    public void close() {
        handle.closeLater();
    }
}
