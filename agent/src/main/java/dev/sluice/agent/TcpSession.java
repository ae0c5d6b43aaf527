package dev.sluice.agent;

import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.MessageType;

/**
 * What one connection's session does next: a state machine without clock, descriptors or bytes. Its two directions end each for itself.
 *
 * <pre>
 *   CONNECTING --connected--&gt; OPEN --both directions ended, or core.tcp.close--&gt; ENDING --replied(CLOSED)--&gt; ENDED
 *       |                       |                                                  ^  --replied(FAILED)
 *       +-------failed----------+--------------------------------------------------+
 * </pre>
 *
 * <p>Promises: {@code core.tcp.connected} is due before any data; {@code core.tcp.eof} after all of it; the terminal answer is due exactly
 * once, last. When the other end takes no more, what it has sent is still passed on before the failure is told.
 *
 * <p>Source: relay protocol, generation 7, section 5.6. What is done better than there: the end of both directions is told with
 * {@code core.tcp.closed}, and so is the one that the client asked for with {@code core.tcp.close}, so that the relay may forget the
 * session. A close behind {@code core.tcp.eof} loses nothing of what came before that: the socket lives on by itself, as one does that
 * a program of the guest closes.
 *
 * <p>One owner thread.
 */
final class TcpSession {
    /** Answers in the order in which they are sent when several are due. */
    static final int REPLY_NONE = 0;
    /** The connection stands. */
    static final int REPLY_CONNECTED = 1;
    /** The client may send more. */
    static final int REPLY_WINDOW = 2;
    /** The other end sends no more. */
    static final int REPLY_EOF = 4;
    /** Terminal: the connection has ended. */
    static final int REPLY_CLOSED = 8;
    /** Terminal: the connection failed. */
    static final int REPLY_FAILED = 16;

    /** Where a session is in its life. */
    enum Phase { CONNECTING, OPEN, ENDING, ENDED }

    /** What to do with a frame of data. */
    enum Verdict { TAKE, IGNORE, OVERRUN }

    private final int id;
    private final int queueLimit;
    private final ReceiveWindow receiveWindow;
    private final SendWindow sendWindow;
    private Phase phase = Phase.CONNECTING;
    private int due;
    private String error;
    private long queued;
    private boolean eofReceived;
    private boolean sendingEnded;
    private boolean receivingEnded;

    /**
     * A session whose connection is being made.
     *
     * @param id its correlation id
     * @param clientWindow what the client grants at first, in wire bytes; {@link SendWindow#UNLIMITED} for one without windows
     * @param agentWindow what a client with windows may send at first, in wire bytes
     * @param queueLimit how much of a client without windows is queued, in bytes
     */
    TcpSession(final int id, final long clientWindow, final int agentWindow, final int queueLimit) {
        this.id = id;
        this.queueLimit = queueLimit;
        this.sendWindow = new SendWindow(clientWindow);
        this.receiveWindow = clientWindow == SendWindow.UNLIMITED ? null : new ReceiveWindow(agentWindow);
    }

    int id() {
        return id;
    }

    Phase phase() {
        return phase;
    }

    /** @return whether the connection is of no use any more */
    boolean isOver() {
        return phase == Phase.ENDING || phase == Phase.ENDED;
    }

    /** @return why it failed, null if it has not */
    String error() {
        return error;
    }

    /** The connection stands. */
    void connected() {
        if (phase != Phase.CONNECTING) {
            throw new IllegalStateException("session " + Integer.toUnsignedString(id) + ": connected in phase " + phase);
        }
        phase = Phase.OPEN;
        due |= REPLY_CONNECTED;
    }

    /** The session cannot go on. Without effect when it has ended already. */
    void fail(final String reason) {
        if (!isOver()) {
            phase = Phase.ENDING;
            error = reason;
            queued = 0;
            due = REPLY_FAILED;
        }
    }

    /** The client does not want the connection any more. */
    void close() {
        if (!isOver()) {
            phase = Phase.ENDING;
            queued = 0;
            due = REPLY_CLOSED;
        }
    }

    // From the client to the other end.

    /**
     * A frame of data has come.
     *
     * @param frameLength bytes on the wire
     * @param dataLength bytes of data, may be 0, which means nothing
     * @return what to do with it
     */
    Verdict received(final long frameLength, final int dataLength) {
        if (isOver() || eofReceived) {
            return Verdict.IGNORE;
        }
        if (receiveWindow != null && !receiveWindow.received(frameLength, dataLength)) {
            return Verdict.OVERRUN;
        }
        if (sendingEnded) {
            consumed(dataLength);
            return Verdict.IGNORE;
        }
        queued += dataLength;
        return Verdict.TAKE;
    }

    /** The socket has taken queued data. */
    void written(final long dataLength) {
        queued -= dataLength;
        consumed(dataLength);
    }

    /** The client sends no more. */
    void eofReceived() {
        eofReceived = true;
    }

    /** @return whether the client has said that it sends no more */
    boolean isEofReceived() {
        return eofReceived;
    }

    /** @return whether the client has said that it sends no more, and all that it sent has been written */
    boolean isInputComplete() {
        return eofReceived && queued == 0;
    }

    /**
     * @return whether the client has said that it sends no more, and the other end, which takes what it sent, has not said so: then what
     *     was accepted is delivered whatever becomes of the client
     */
    boolean isDelivering() {
        return phase == Phase.OPEN && eofReceived && error == null;
    }

    /** @return whether the other end has been told that no more will come, or takes no more */
    boolean isSendingEnded() {
        return sendingEnded;
    }

    /** @return whether the other end is to be told that no more will come */
    boolean shutdownDue() {
        return phase == Phase.OPEN && !sendingEnded && isInputComplete();
    }

    /** The other end has been told. */
    void shutDown() {
        sendingEnded = true;
        endIfBothEnded();
    }

    /**
     * The other end takes no more. What it has sent may still lie in the socket.
     *
     * @param reason to tell when that has been passed on
     */
    void broken(final String reason) {
        if (!isOver()) {
            final long discarded = queued;
            queued = 0;
            consumed(discarded);
            sendingEnded = true;
            error = error == null ? reason : error;
            endIfBothEnded();
        }
    }

    /** @return bytes that wait for the other end to read */
    long queued() {
        return queued;
    }

    /** @return whether the client's data takes memory that no window of its own bounds */
    boolean needsMemory() {
        return receiveWindow == null && queued > 0;
    }

    /**
     * Tells whether a client without windows has sent as much as is kept.
     *
     * @param memoryFull whether no more is kept for anybody
     * @return whether no more is to be taken now
     */
    boolean isCongested(final boolean memoryFull) {
        return needsMemory() && (memoryFull || queued >= queueLimit);
    }

    private void consumed(final long dataLength) {
        if (receiveWindow != null) {
            receiveWindow.consumed(dataLength);
        }
    }

    // From the other end to the client.

    /** @return how many bytes of data the next frame may carry, 0 when none may be sent now */
    int sendAllowance(final int most) {
        if (phase != Phase.OPEN || receivingEnded || (due & REPLY_CONNECTED) != 0) {
            return 0;
        }
        final long available = sendWindow.available();
        return available >= DataFrame.frameLength(MessageType.TCP_DATA, most)
            ? most : DataFrame.dataLengthWithin(MessageType.TCP_DATA, available);
    }

    /** A frame of data goes out. */
    void sent(final int dataLength) {
        sendWindow.sent(DataFrame.frameLength(MessageType.TCP_DATA, dataLength));
    }

    /** @return whether the other end may have something to say */
    boolean isReceiving() {
        return phase == Phase.OPEN && !receivingEnded;
    }

    /** Everything that the other end has sent has been read. */
    void receivingEnded() {
        if (isReceiving()) {
            receivingEnded = true;
            if (error == null) {
                due |= REPLY_EOF;
            }
            endIfBothEnded();
        }
    }

    private void endIfBothEnded() {
        if (phase == Phase.OPEN && sendingEnded && receivingEnded) {
            phase = Phase.ENDING;
            due |= error == null ? REPLY_CLOSED : REPLY_FAILED;
        }
    }

    // Windows and answers.

    /** The client lets more come. */
    void grant(final long bytes) {
        sendWindow.grant(bytes);
    }

    /** @return bytes to grant the client */
    long grantDue() {
        return isOver() || eofReceived || receiveWindow == null ? 0 : receiveWindow.grantDue();
    }

    /** @return the answer to send next, one of the REPLY constants */
    int nextReply() {
        return Integer.lowestOneBit(due | (grantDue() > 0 ? REPLY_WINDOW : 0));
    }

    /** An answer goes out. */
    void replied(final int reply) {
        due &= ~reply;
        if (reply == REPLY_WINDOW) {
            receiveWindow.granted(receiveWindow.grantDue());
        } else if (reply == REPLY_CLOSED || reply == REPLY_FAILED) {
            phase = Phase.ENDED;
        }
    }
}
