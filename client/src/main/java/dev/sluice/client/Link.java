package dev.sluice.client;

import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import java.util.function.IntFunction;

/**
 * What a connection is from the moment that the relay's guest is ready: its sessions and what they share. Thread safe.
 *
 * @param peer       who is at the other end
 * @param sessions   the connection's sessions
 * @param dispatcher brings frames to them
 * @param budget     what they may have under way
 * @param sendBuffer what they send
 * @param writer     the thread that writes it
 */
record Link(
    Peer peer, SessionTable sessions, FrameDispatcher dispatcher, ReceiveBudget budget, SendBuffer sendBuffer, Thread writer) {

    /** What a session announces that is sent no data, so that the windows of what it sends count. Not taken from the budget. */
    static final int NO_DATA_WINDOW = 1;

    /** Makes the handler of a session. */
    @FunctionalInterface
    interface HandlerFactory<H extends SessionHandler> {
        /**
         * Makes the handler. Must not wait nor throw; what it makes gives the windows back to the budget when the session ends.
         *
         * @param session of which it is to be the handler
         * @param window  wire bytes of each stream from the guest that were taken from the budget; 0 without windows
         */
        H create(Session session, int window);
    }

    /** Sends the request of a session. */
    @FunctionalInterface
    interface RequestSender {
        /** Sends it; must not wait beyond the deadline. */
        void send(Session session) throws SandboxException, InterruptedException;
    }

    /**
     * Begins a session: enters it first, so that no answer can be missed, then sends its request. Leaves nothing behind if that fails.
     *
     * @param type     of the request, which the agent must know
     * @param streams  how many streams of data come from the guest, 0 to 2
     * @param factory  makes the session's handler
     * @param request  makes the request from the window to announce in it, 0 for none
     * @param deadline for room for one more session, and for its request
     * @return the session and its handler
     * @throws UnsupportedOperationInSandboxException when the agent is too old; nothing was sent
     * @throws IllegalArgumentException               when the request is larger than a frame
     */
    <H extends SessionHandler> OpenedSession<H> open(
        final MessageType type, final int streams, final HandlerFactory<H> factory, final IntFunction<Message> request,
        final Deadline deadline) throws SandboxException, InterruptedException {
        peer.require(type);
        final int window = peer.hasWindows() && streams > 0 ? budget.takeInitial(streams, deadline) : 0;
        final int announced = peer.hasWindows() && streams == 0 ? NO_DATA_WINDOW : window;
        return begin(factory, streams, window, session -> session.sendRequest(request.apply(announced), deadline), deadline);
    }

    /** Begins a session without windows whose request the sender makes itself. */
    <H extends SessionHandler> OpenedSession<H> open(
        final HandlerFactory<H> factory, final RequestSender sender, final Deadline deadline)
        throws SandboxException, InterruptedException {
        return begin(factory, 0, 0, sender, deadline);
    }

    /** The window for what a session sends whose request has announced one, or could not because the agent knows none. */
    long sendWindow() {
        return peer.hasWindows() ? peer.ready().sluiceWindow() : SendWindow.UNLIMITED;
    }

    private <H extends SessionHandler> OpenedSession<H> begin(
        final HandlerFactory<H> factory, final int streams, final int window, final RequestSender sender, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final OpenedSession<H> opened = enter(factory, streams, window, deadline);
        boolean sent = false;
        try {
            sender.send(opened.session());
            sent = true;
        } finally {
            if (!sent) {
                opened.session().fail(() -> new ConnectionLostException("the request was not sent", Outcome.NOT_SENT, null));
                sessions.remove(opened.session());
            }
        }
        return opened;
    }

    private <H extends SessionHandler> OpenedSession<H> enter(
        final HandlerFactory<H> factory, final int streams, final int window, final Deadline deadline)
        throws SandboxException, InterruptedException {
        boolean entered = false;
        try {
            final OpenedSession<H> opened = sessions.add(id -> {
                final Session session = new Session(id, peer.frameVersion(), sendBuffer);
                final H handler = factory.create(session, window);
                session.handler(handler);
                return new OpenedSession<>(session, handler);
            }, deadline);
            entered = true;
            return opened;
        } finally {
            if (!entered) {
                budget.giveBack(streams * window);
            }
        }
    }
}
