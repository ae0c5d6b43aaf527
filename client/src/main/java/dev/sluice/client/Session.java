package dev.sluice.client;

import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.ProtocolException;
import java.util.function.Supplier;

/**
 * A correlation id in use: from the request that it was taken for to the message that ends it, or the connection's loss. Thread safe.
 *
 * <p>Nothing of a session is sent once it has ended, whoever waits to send it: its id may be another's by then.
 */
final class Session {
    private final int id;
    private final int frameVersion;
    private final SendBuffer sendBuffer;
    private final SessionControls controls;
    /** Set while the session is entered, before anybody else sees it. */
    private SessionHandler handler;
    private volatile long requestPosition = SendBuffer.NOT_QUEUED;
    private volatile boolean heard;
    private volatile boolean ended;

    Session(final int id, final int frameVersion, final SendBuffer sendBuffer) {
        this.id = id;
        this.frameVersion = frameVersion;
        this.sendBuffer = sendBuffer;
        this.controls = new SessionControls(this, sendBuffer);
    }

    int id() {
        return id;
    }

    /** The generation that is written into its frames. */
    int frameVersion() {
        return frameVersion;
    }

    /** What it sends besides messages that may wait for room. */
    SessionControls controls() {
        return controls;
    }

    SessionHandler handler() {
        return handler;
    }

    void handler(final SessionHandler newHandler) {
        handler = newHandler;
    }

    /** Tells whether the session is over; its id may be another's. */
    boolean hasEnded() {
        return ended;
    }

    /** Called by the table before the id is free again. */
    void markEnded() {
        ended = true;
    }

    /** Something came from the guest: so it has got the request. */
    void markHeard() {
        if (!heard) {
            heard = true;
        }
    }

    /** What is known of the request while there is no answer to it. */
    Outcome outcome() {
        if (heard) {
            return Outcome.STARTED;
        }
        return sendBuffer.mayHaveLeft(requestPosition) ? Outcome.UNKNOWN : Outcome.NOT_SENT;
    }

    /** Ends a session whose connection is lost. */
    void lose(final ConnectionLoss loss) {
        fail(() -> loss.exception(outcome()));
    }

    void fail(final Supplier<SandboxException> failure) {
        handler.onFailed(failure);
    }

    /**
     * Sends the request.
     *
     * @throws IllegalArgumentException when it is larger than a frame
     */
    void sendRequest(final Message request, final Deadline deadline) throws SandboxException, InterruptedException {
        requestPosition = send(request, deadline);
    }

    /** Sends the request in the form of a frame that somebody else encodes, as {@link SendBuffer#send}. */
    void sendRequest(final int length, final SendBuffer.FrameEncoder encoder, final Deadline deadline)
        throws SandboxException, InterruptedException {
        requestPosition = send(length, encoder, deadline);
    }

    /**
     * Sends one more message.
     *
     * @return where its frame begins in what the connection sends, or {@link SendBuffer#NOT_QUEUED} when the session has ended
     * @throws IllegalArgumentException when it is larger than a frame
     */
    long send(final Message message, final Deadline deadline) throws SandboxException, InterruptedException {
        final byte[] frame;
        try {
            frame = Frames.encode(frameVersion, id, message);
        } catch (final ProtocolException e) {
            throw new IllegalArgumentException("too large for a frame: " + e.getMessage(), e);
        }
        return sendBuffer.send(frame, this::isOpen, deadline);
    }

    /** Sends one more frame, as {@link SendBuffer#send}. */
    long send(final int length, final SendBuffer.FrameEncoder encoder, final Deadline deadline)
        throws SandboxException, InterruptedException {
        return sendBuffer.send(length, encoder, this::isOpen, deadline);
    }

    /** Tells whether the frame at that position may have reached the relay, in part at least. */
    boolean mayHaveLeft(final long position) {
        return sendBuffer.mayHaveLeft(position);
    }

    private boolean isOpen() {
        return !ended;
    }
}
