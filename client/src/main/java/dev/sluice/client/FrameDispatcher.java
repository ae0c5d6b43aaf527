package dev.sluice.client;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.ExecStdinError;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FrameHandler;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import dev.sluice.protocol.WindowPayload;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings frames from the guest to their sessions, on the connection's reader thread. The guest is not trusted: a frame that belongs to no
 * session, cannot be decoded or means nothing is counted and changes nothing, except that a terminal flag ends its session whatever the
 * frame says.
 */
final class FrameDispatcher implements FrameHandler {
    /** Added to the number of the signal that ended a program. */
    private static final int SIGNALLED = 128;

    private final SessionTable sessions;
    private final Envelope envelope = new Envelope();
    private final DataPayload data = new DataPayload();
    private final WindowPayload window = new WindowPayload();
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
            final String text = "the session was ended by a message without an outcome" + problem;
            fail(session, new ExecFailed(Kind.OTHER, null, null, text, "client"));
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
            case EXEC_STDOUT -> output(session.stdout(), message, frameLength);
            case EXEC_STDERR -> output(session.stderr(), message, frameLength);
            case WINDOW -> granted(session, window.wrap(message));
            default -> {
                return deliverRare(session, Frames.decode(message));
            }
        }
        return false;
    }

    private void output(final OutputSink sink, final Envelope message, final int frameLength) throws ProtocolException {
        data.wrap(message);
        sink.append(data.dataMemory(), data.dataOffset(), data.dataLength(), frameLength);
    }

    private void granted(final Session session, final WindowPayload grant) {
        if (grant.stream() == WindowFrame.STDIN) {
            session.onInputGranted(grant.bytes());
        } else {
            ignored.incrementAndGet();
        }
    }

    private boolean deliverRare(final Session session, final Message message) {
        switch (message) {
            case ExecStarted started -> session.onStarted(started.pid());
            case ExecStdinError broken -> session.onInputClosed();
            case ExecExited exited -> {
                final int code = exited.signal() > 0 ? SIGNALLED + exited.signal() : exited.code();
                session.onExited(code, exited.truncated());
                return true;
            }
            case ExecFailed failed -> {
                fail(session, failed);
                return true;
            }
            case CoreError error -> {
                fail(session, new ExecFailed(
                    Kind.OTHER, null, null, "the agent refused a frame: " + error.kind().wireName() + ": " + error.message(), "agent"));
                return true;
            }
            default -> ignored.incrementAndGet();
        }
        return false;
    }

    private static void fail(final Session session, final ExecFailed failure) {
        session.onFailed(() -> new ExecFailedException(failure));
    }
}
