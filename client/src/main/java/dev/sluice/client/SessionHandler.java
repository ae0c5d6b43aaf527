package dev.sluice.client;

import dev.sluice.protocol.ProtocolException;
import java.util.function.Supplier;

/**
 * What a session does with what comes from the guest. All but {@link #onFailed} is called on the connection's reader thread, which must not
 * be kept waiting.
 */
interface SessionHandler {
    /**
     * A frame of the session, other than a grant of {@link Session}'s own.
     *
     * @param frame valid only during the call
     * @return true when the session has ended with it: then its id is free
     * @throws ProtocolException when it cannot be decoded or means nothing; it is counted as ignored, and ends the session with
     *     {@link #onFailed} if it has the terminal flag
     */
    boolean onFrame(IncomingFrame frame) throws ProtocolException;

    /**
     * The session is over without a message that ends it: its connection is lost, its request was not sent, or the guest ended it with a
     * frame that means nothing. May be called on any thread and more than once; only the first end counts.
     *
     * @param failure makes what those who wait are thrown
     */
    void onFailed(Supplier<SandboxException> failure);

    /**
     * What those who wait are thrown when the guest ends the session with a frame that means nothing.
     *
     * @param text what happened
     */
    SandboxException failure(String text);
}
