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
 * A program's standard input as its application writes it. A write returns when its bytes are on their way; it waits while the program or
 * the relay takes no more. One writer at a time; the end of input is ordered behind what was written.
 */
final class SessionInput extends OutputStream {
    /** Longest frame: the relay takes in two of them at once. */
    private static final int MAX_FRAME_LENGTH = 32 * 1024;

    private final ReentrantLock writing = new ReentrantLock();
    private final Session session;
    private final SendBuffer sendBuffer;
    private final int generation;
    private final Deadline deadline;
    private boolean closed;

    SessionInput(final Session session, final SendBuffer sendBuffer, final int generation, final Deadline deadline) {
        this.session = session;
        this.sendBuffer = sendBuffer;
        this.generation = generation;
        this.deadline = deadline;
    }

    @Override
    public void write(final int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(final byte[] source, final int offset, final int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        try {
            send(source, offset, length);
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            end();
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Sends bytes, and waits until all of them are on their way. */
    void send(final byte[] source, final int offset, final int length) throws InterruptedException, SandboxException {
        writing.lockInterruptibly();
        try {
            if (closed) {
                throw new InputClosedException("the end of input has been sent");
            }
            int sent = 0;
            while (sent < length) {
                sent += sendPart(source, offset + sent, length - sent);
            }
        } finally {
            writing.unlock();
        }
    }

    /** Sends the end of input; nothing happens when it was sent before or the program takes no more. */
    void end() throws InterruptedException, SandboxException {
        writing.lockInterruptibly();
        try {
            if (!closed && session.takesInput()) {
                sendFrame(new byte[0], 0, 0);
            }
            closed = true;
        } finally {
            writing.unlock();
        }
    }

    private int sendPart(final byte[] source, final int offset, final int length) throws InterruptedException, SandboxException {
        final int part = session.takeInputCredit(length, MAX_FRAME_LENGTH, deadline);
        boolean sent = false;
        try {
            sendFrame(source, offset, part);
            sent = true;
        } finally {
            if (!sent) {
                session.returnInputCredit(part);
            }
        }
        return part;
    }

    private void sendFrame(final byte[] source, final int offset, final int length) throws InterruptedException, SandboxException {
        final int frameLength = DataFrame.frameLength(MessageType.EXEC_STDIN, length);
        sendBuffer.send(frameLength, (memory, at) -> {
            final int header = DataFrame.encodeHeader(memory, at, MessageType.EXEC_STDIN, generation, session.id(), length);
            MemorySegment.copy(source, offset, memory, ValueLayout.JAVA_BYTE, at + header, length);
        }, deadline);
    }

    private static InterruptedIOException interrupted(final InterruptedException cause) {
        Thread.currentThread().interrupt();
        final InterruptedIOException exception = new InterruptedIOException("interrupted writing a program's input");
        exception.initCause(cause);
        return exception;
    }
}
