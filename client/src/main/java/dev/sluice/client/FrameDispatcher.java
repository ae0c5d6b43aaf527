package dev.sluice.client;

import dev.sluice.protocol.FrameHandler;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings frames from the guest to their sessions, on the connection's reader thread. The guest is not trusted: a frame that belongs to no
 * session, cannot be decoded or means nothing is counted and changes nothing, except that a terminal flag ends its session whatever the
 * frame says. {@code core.error} alone has that flag also where the session goes on, which its handler tells.
 */
final class FrameDispatcher implements FrameHandler {
    private final SessionTable sessions;
    private final IncomingFrame frame = new IncomingFrame();
    private final AtomicLong ignored = new AtomicLong();

    FrameDispatcher(final SessionTable sessions) {
        this.sessions = sessions;
    }

    @Override
    public void onFrame(final int id, final int flags, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        final Session session = sessions.find(id);
        if (session == null) {
            ignored.incrementAndGet();
            return;
        }
        session.markHeard();
        frame.wrap(flags, memory, bodyOffset, bodyLength);
        boolean ended = false;
        try {
            ended = session.handler().onFrame(frame);
            if (!ended && frame.isTerminal() && !frame.isError()) {
                fail(session, "");
                ended = true;
            }
        } catch (final ProtocolException e) {
            ignored.incrementAndGet();
            if (frame.isTerminal()) {
                fail(session, ": " + e.getMessage());
                ended = true;
            }
        }
        if (ended) {
            sessions.remove(session);
        }
    }

    /** How many frames belonged to no session or could not be made sense of. */
    long ignored() {
        return ignored.get();
    }

    private static void fail(final Session session, final String problem) {
        final String text = "the session was ended by a message without an outcome" + problem;
        session.fail(() -> session.handler().failure(text));
    }
}
