package dev.sluice.client;

import dev.sluice.client.FileRequests.Reading;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;

/**
 * A file in the sandbox as it is read from its beginning to its end.
 *
 * <p>It is asked for in segments that grow with what has been read. A request for content cannot be taken back, so whoever stops reading
 * has the rest of a segment sent for nothing, and that is never much more than what was wanted.
 *
 * <p>For one thread at a time.
 */
final class FileSource implements AutoCloseable {
    /** Length of the first segment, in bytes; each one is twice as long as that before. */
    static final long FIRST_SEGMENT_LENGTH = 1024 * 1024;
    /** Length of the longest. */
    static final long MAX_SEGMENT_LENGTH = 64 * 1024 * 1024;

    private final FileRequests requests;
    private final RemoteHandle handle;
    private final FileTask task;
    private final Duration time;
    private Reading<StreamedOutput> segment;
    private long segmentLength = FIRST_SEGMENT_LENGTH;
    private long segmentRead;
    private long position;
    private boolean ended;

    /** Content of an open file; owns the handle. */
    FileSource(final FileRequests requests, final RemoteHandle handle, final long offset, final Duration time) {
        this.requests = requests;
        this.handle = handle;
        this.task = handle.task("read");
        this.time = time;
        this.position = offset;
    }

    /** Content that is asked for already, of an agent without handles. */
    FileSource(final FileRequests requests, final Reading<StreamedOutput> whole, final ByteString path, final Duration time) {
        this.requests = requests;
        this.handle = null;
        this.task = new FileTask("read", path);
        this.time = time;
        this.segment = whole;
        this.segmentLength = Long.MAX_VALUE;
    }

    FileTask task() {
        return task;
    }

    /**
     * Waits for bytes and takes them.
     *
     * @return how many, at least 1; -1 at the end of the file
     */
    int read(final byte[] target, final int offset, final int length) throws InterruptedException, SandboxException {
        while (!ended) {
            final int taken = segment().read(target, offset, length, Deadline.after(time), name());
            if (taken > 0) {
                return counted(taken);
            }
            endSegment();
        }
        return -1;
    }

    /**
     * Waits for bytes and writes them to a channel.
     *
     * @return how many, at least 1; -1 at the end of the file
     */
    int transferTo(final WritableByteChannel target) throws InterruptedException, IOException {
        while (!ended) {
            final int taken = segment().transferTo(target, Deadline.after(time), name());
            if (taken > 0) {
                return counted(taken);
            }
            endSegment();
        }
        return -1;
    }

    private StreamedOutput segment() throws InterruptedException, SandboxException {
        if (segment == null) {
            segment = requests.read(handle, position, segmentLength, StreamedOutput::new, Deadline.after(time));
            segmentRead = 0;
        }
        return segment.sink();
    }

    private int counted(final int taken) {
        segmentRead += taken;
        position += taken;
        return taken;
    }

    private String name() {
        return "content of " + task.path();
    }

    private void endSegment() {
        segment = null;
        ended = segmentRead < segmentLength;
        segmentLength = Math.min(2 * segmentLength, MAX_SEGMENT_LENGTH);
    }

    /** How many bytes can be read without waiting. */
    int available() {
        return segment == null ? 0 : segment.sink().available();
    }

    /** Ends the reading; what is still to come is dropped. Does not wait. */
    @Override
    public void close() {
        ended = true;
        if (segment != null) {
            segment.sink().discard();
            segment = null;
        }
        if (handle != null) {
            handle.closeLater();
        }
    }
}
