package dev.sluice.client;

import java.time.Duration;
import java.util.Optional;

/**
 * A session of messages that the caller encodes and decodes. Thread safe.
 *
 * <p>Up to 1 MiB of messages that nobody has received is kept. Beyond that the whole connection waits for them to be received, unless the
 * caller's request announced windows and its messages grant no more than is received.
 */
public final class RawStream implements AutoCloseable {
    private final Session session;
    private final RawQueue queue;

    RawStream(final OpenedSession<RawQueue> opened) {
        this.session = opened.session();
        this.queue = opened.handler();
    }

    /**
     * The session's correlation id, which this library chose.
     *
     * @return the id, unsigned
     */
    public int id() {
        return session.id();
    }

    /**
     * Waits for the next message.
     *
     * @param time how long to wait at most
     * @return the message; empty when the one with the terminal flag has been received, or this stream was closed
     * @throws DeadlineExceededException when none came in time
     * @throws ConnectionLostException   when the connection was lost before the session ended
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted
     */
    public Optional<RawMessage> receive(final Duration time) throws SandboxException, InterruptedException {
        return queue.take(Deadline.after(time), Outcome.STARTED);
    }

    /**
     * Sends one more message of the session.
     *
     * @param flags bits of the frame's header, 0 to 255
     * @param body  the frame's body, at most 4 MiB less 5 bytes
     * @param time  how long to wait at most until it is on its way
     * @throws InputClosedException      when the session has ended; nothing was sent
     * @throws DeadlineExceededException when there was no room in time; nothing was sent
     * @throws ConnectionLostException   when the connection was lost
     * @throws SandboxException          one of these
     * @throws InterruptedException      when this thread is interrupted; nothing was sent
     * @throws IllegalArgumentException  when flags or body cannot be
     */
    public void send(final int flags, final byte[] body, final Duration time) throws SandboxException, InterruptedException {
        final RawFrame frame = new RawFrame(session.id(), flags, body);
        // The queue has the terminal message a moment before the session knows of it.
        if (queue.hasEnded() || session.send(frame.length(), frame, Deadline.after(time)) == SendBuffer.NOT_QUEUED) {
            throw new InputClosedException("the session has ended");
        }
    }

    /** How many bytes wait to be received. */
    long waiting() {
        return queue.waiting();
    }

    /**
     * Drops what has not been received and what is still to come. Nothing is sent: what the agent does for the session, it goes on doing
     * until it ends, and keeps the id.
     */
    @Override
    public void close() {
        queue.discard();
    }
}
