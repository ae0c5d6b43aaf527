package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.FsOp;

/**
 * A handle that is open in the sandbox. Closed once, whoever does it first. Thread safe.
 */
final class RemoteHandle {
    private final FileRequests requests;
    private final ByteString path;
    private final long handle;
    private boolean closed;

    RemoteHandle(final FileRequests requests, final ByteString path, final long handle) {
        this.requests = requests;
        this.path = path;
        this.handle = handle;
    }

    /** Its number in the sandbox, unsigned. */
    long number() {
        return handle;
    }

    ByteString path() {
        return path;
    }

    /** What is being done with it, for messages. */
    FileTask task(final String operation) {
        return new FileTask(operation, path);
    }

    /** Closes it, and waits until the agent has done so; throws what became known of writes only then. */
    void close(final Deadline deadline) throws SandboxException, InterruptedException {
        if (markClosed()) {
            requests.run(task("close"), new FsOp.CloseHandle(handle), deadline);
        }
    }

    /** Closes it without waiting and without being told how that went. */
    void closeLater() {
        if (markClosed()) {
            requests.closeLater(path, handle);
        }
    }

    private synchronized boolean markClosed() {
        final boolean first = !closed;
        closed = true;
        return first;
    }
}
