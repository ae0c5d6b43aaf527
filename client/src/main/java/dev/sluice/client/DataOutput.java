package dev.sluice.client;

import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.MessageType;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stream towards the guest as its application writes it. A write returns when its bytes are on their way; it waits while their receiver
 * or the relay takes no more. One writer at a time; the end of the stream is ordered behind what was written.
 */
final class DataOutput extends OutputStream {
    /** Longest frame of a program's input: the relay takes in two of them at once. */
    private static final int MAX_FRAME_LENGTH = 32 * 1024;
    /** Longest frame of files and connections: as much as the relay takes in at once without putting it together elsewhere. */
    private static final int MAX_BULK_LENGTH = DataFrame.frameLength(MessageType.FS_DATA, 64 * 1024);

    private final ReentrantLock writing = new ReentrantLock();
    private final Session session;
    private final SendWindow window;
    private final StreamEnd streamEnd;
    private final Deadline deadline;
    private boolean closed;

    /** How the end of a stream is told. */
    @FunctionalInterface
    interface StreamEnd {
        /** Sends the end. */
        void send(Deadline deadline) throws SandboxException, InterruptedException;
    }

    /**
     * A stream whose end is an empty data frame.
     *
     * @param session  that it belongs to
     * @param window   what its receiver takes
     * @param deadline of writes that name none
     */
    DataOutput(final Session session, final SendWindow window, final Deadline deadline) {
        this.session = session;
        this.window = window;
        this.deadline = deadline;
        this.streamEnd = until -> sendFrame(MemorySegment.NULL, 0, 0, until);
    }

    /** A stream whose end is told in a way of its own. */
    DataOutput(final Session session, final SendWindow window, final Deadline deadline, final StreamEnd streamEnd) {
        this.session = session;
        this.window = window;
        this.deadline = deadline;
        this.streamEnd = streamEnd;
    }

    @Override
    public void write(final int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(final byte[] source, final int offset, final int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        try {
            send(source, offset, length, deadline);
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            end(deadline);
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * Sends bytes, and waits until all of them are on their way. Whole frames of them may have left when this throws.
     *
     * @throws ConnectionLostException   its outcome is that of these bytes
     * @throws DeadlineExceededException likewise
     */
    void send(final byte[] source, final int offset, final int length, final Deadline until) throws InterruptedException, SandboxException {
        send(MemorySegment.ofArray(source), offset, length, until);
    }

    /** Sends bytes that lie anywhere; otherwise as {@link #send(byte[], int, int, Deadline)}. */
    void send(final MemorySegment source, final long offset, final int length, final Deadline until)
        throws InterruptedException, SandboxException {
        writing.lockInterruptibly();
        try {
            if (closed) {
                throw new InputClosedException("the end of input has been sent");
            }
            sendParts(source, offset, length, until);
        } finally {
            writing.unlock();
        }
    }

    /** Sends the end of the stream; nothing happens when it was sent before or nobody takes it any more. */
    void end(final Deadline until) throws InterruptedException, SandboxException {
        writing.lockInterruptibly();
        try {
            if (!closed && window.isOpen()) {
                streamEnd.send(until);
            }
            closed = true;
        } finally {
            writing.unlock();
        }
    }

    private void sendParts(final MemorySegment source, final long offset, final int length, final Deadline until)
        throws InterruptedException, SandboxException {
        final int longest = window.type() == MessageType.EXEC_STDIN ? MAX_FRAME_LENGTH : MAX_BULK_LENGTH;
        long first = SendBuffer.NOT_QUEUED;
        int sent = 0;
        try {
            while (sent < length) {
                final int part = window.take(length - sent, longest, until);
                final long position = sendPart(source, offset + sent, part, until);
                first = first == SendBuffer.NOT_QUEUED ? position : first;
                sent += part;
            }
        } catch (final ConnectionLostException e) {
            throw e.withOutcome(session.mayHaveLeft(first) ? Outcome.UNKNOWN : Outcome.NOT_SENT);
        } catch (final DeadlineExceededException e) {
            throw e.withOutcome(sent > 0 ? Outcome.UNKNOWN : Outcome.NOT_SENT);
        }
    }

    private long sendPart(final MemorySegment source, final long offset, final int part, final Deadline until)
        throws InterruptedException, SandboxException {
        long position = SendBuffer.NOT_QUEUED;
        try {
            position = sendFrame(source, offset, part, until);
        } finally {
            if (position == SendBuffer.NOT_QUEUED) {
                window.giveBack(part);
            }
        }
        if (position == SendBuffer.NOT_QUEUED) {
            // The session ended meanwhile, which closes the window at the same time or just after.
            window.requireOpen();
            throw new InputClosedException("the session has ended");
        }
        return position;
    }

    private long sendFrame(final MemorySegment source, final long offset, final int length, final Deadline until)
        throws InterruptedException, SandboxException {
        final MessageType type = window.type();
        return session.send(DataFrame.frameLength(type, length), (memory, at) -> {
            final int header = DataFrame.encodeHeader(memory, at, type, session.frameVersion(), session.id(), length);
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, memory, ValueLayout.JAVA_BYTE, at + header, length);
        }, until);
    }

    private static InterruptedIOException interrupted(final InterruptedException cause) {
        Thread.currentThread().interrupt();
        final InterruptedIOException exception = new InterruptedIOException("interrupted writing to the sandbox");
        exception.initCause(cause);
        return exception;
    }
}
