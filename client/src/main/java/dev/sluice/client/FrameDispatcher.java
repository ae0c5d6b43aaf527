package dev.sluice.client;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FrameHandler;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings frames from the guest to their sessions, on the connection's reader thread. The guest is not trusted: a frame that belongs to no
 * session, cannot be decoded or means nothing is counted and changes nothing, except that a terminal flag ends its session whatever the
 * frame says.
 */
final class FrameDispatcher implements FrameHandler {
    private final SessionTable sessions;
    private final Envelope envelope = new Envelope();
    private final DataPayload data = new DataPayload();
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
        boolean ended = false;
        String problem = "";
        try {
            ended = deliver(session, envelope.wrap(memory, bodyOffset, bodyLength), FrameDescriptor.HEADER_LENGTH + bodyLength);
        } catch (final ProtocolException e) {
            ignored.incrementAndGet();
            problem = ": " + e.getMessage();
        }
        if (!ended && (flags & FrameDescriptor.FLAG_TERMINAL) != 0) {
            final String message = "the session was ended by a message that says no exit code" + problem;
            session.onFailed(() -> new ExecFailedException(message, "other", 0, "", "protocol"));
            ended = true;
        }
        if (ended) {
            sessions.remove(session);
        }
    }

    /** How many frames belonged to no session or could not be made sense of. */
    long ignored() {
        return ignored.get();
    }

    /** Returns true when the frame has ended the session. */
    private boolean deliver(final Session session, final Envelope message, final int frameLength) throws ProtocolException {
        final MessageType type = message.type();
        if (type == null) {
            ignored.incrementAndGet();
            return false;
        }
        switch (type) {
            case EXEC_STDOUT -> output(session.output(Session.STDOUT), message, frameLength);
            case EXEC_STDERR -> output(session.output(Session.STDERR), message, frameLength);
            case EXEC_STARTED -> session.onStarted(ExecStarted.decode(message).pid());
            case EXEC_STDIN_ERROR -> session.onInputClosed();
            case WINDOW -> granted(session, message);
            case EXEC_EXITED -> {
                session.onExited(ExecExited.decode(message).code());
                return true;
            }
            case EXEC_FAILED -> {
                failed(session, ExecFailed.decode(message));
                return true;
            }
            case ERROR -> {
                failed(session, CoreError.decode(message));
                return true;
            }
            default -> ignored.incrementAndGet();
        }
        return false;
    }
}
