package dev.sluice.client;

import dev.sluice.client.FileRequests.Writing;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.MessageType;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * A file in the sandbox as it is written from one place on. {@link #finish} waits until everything is written; {@link #close} without that
 * gives up: a file that was to take another's place does not, any other keeps what was written so far.
 *
 * <p>For one thread at a time.
 */
final class FileTarget implements AutoCloseable {
    /** So much is sent within one deadline, in bytes. */
    private static final int PART_LENGTH = 256 * 1024;

    private final RemoteHandle handle;
    private final Writing writing;
    private final DataOutput output;
    private final Duration time;
    private boolean endSent;

    /**
     * A file whose content can be sent.
     *
     * @param handle  the open file, or null of an agent without handles; owned
     * @param writing the request
     * @param time    for each part of the content, and for each answer
     */
    FileTarget(final RemoteHandle handle, final Writing writing, final Duration time) {
        this.handle = handle;
        this.writing = writing;
        this.time = time;
        this.output = new DataOutput(writing.request(), writing.window(), Deadline.after(Deadline.UNLIMITED));
    }

    /** Sends bytes, and waits until all of them are on their way. */
    void write(final byte[] source, final int offset, final int length) throws InterruptedException, SandboxException {
        write(MemorySegment.ofArray(source), offset, length);
    }

    /** Sends bytes that lie anywhere, and waits until all of them are on their way. */
    void write(final MemorySegment source, final long offset, final int length) throws InterruptedException, SandboxException {
        for (int sent = 0; sent < length; sent += PART_LENGTH) {
            output.send(source, offset + sent, Math.min(PART_LENGTH, length - sent), Deadline.after(time));
        }
    }

    /** Sends the end, and waits until the agent has written everything and closed the file. */
    void finish() throws InterruptedException, SandboxException {
        finishContent();
        closeHandle();
    }

    /** Waits until the agent has closed the file, which puts it in place where it is to take another's only then. */
    void closeHandle() throws InterruptedException, SandboxException {
        if (handle != null) {
            handle.close(Deadline.after(time));
        }
    }

    /** Sends the end, and waits until the agent has written everything; {@link #closeHandle} is to follow. */
    void finishContent() throws InterruptedException, SandboxException {
        writing.session().endInput();
        output.end(Deadline.after(time));
        endSent = true;
        writing.session().awaitResponse(Deadline.after(time));
    }

    /** Gives up what is not finished. Does not wait. */
    @Override
    public void close() {
        if (!endSent && !writing.session().isEnded()) {
            if (writing.aborts()) {
                // An ordinary end would have the agent take what is there for the whole, and put it in another file's place.
                writing.request().controls().spoil(MessageType.FS_DATA);
            } else {
                writing.session().endInput();
                writing.request().controls().post(new DataMessage(MessageType.FS_DATA, ByteString.EMPTY));
            }
        }
        endSent = true;
        if (handle != null) {
            handle.closeLater();
        }
    }
}
