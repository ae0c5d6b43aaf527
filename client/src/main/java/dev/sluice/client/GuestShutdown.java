package dev.sluice.client;

import dev.sluice.protocol.Frames;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.Ready;
import dev.sluice.protocol.Shutdown;
import java.time.Duration;

/**
 * Shuts a sandbox down. There is no answer to that: the connection ends, when the sandbox has, or at once when the relay does not let this
 * client do it. Which of the two it was is found out by connecting once more.
 */
final class GuestShutdown {
    /** How long a relay may take to greet that still has its guest. */
    private static final Duration LOOK_DEADLINE = Duration.ofSeconds(1);

    private final Connection connection;

    GuestShutdown(final Connection connection) {
        this.connection = connection;
    }

    /** Orders it and waits for the end. */
    void run(final Deadline deadline) throws SandboxException, InterruptedException {
        final Link link = connection.link();
        // A sandbox of before 0.5 gets what its own client sent, an empty payload.
        final long position = link.sendBuffer().send(frame(link.peer()), () -> true, deadline);
        if (!connection.awaitEnd(deadline)) {
            throw deadline.exceeded("the sandbox to end", Outcome.UNKNOWN);
        }
        if (!link.sendBuffer().mayHaveLeft(position)) {
            throw connection.loss().exception(Outcome.NOT_SENT);
        }
        if (isThere(link.peer().ready())) {
            throw new ShutdownRefusedException("the relay at " + connection.path()
                + " closed the connection and runs on: it does not let this user shut the sandbox down");
        }
    }

    private static byte[] frame(final Peer peer) {
        try {
            return Frames.encode(peer.frameVersion(), IdGrid.CONTROL_ID, new Shutdown(!peer.legacy()));
        } catch (final ProtocolException e) {
            throw new IllegalStateException("a message without fields does not fit a frame", e);
        }
    }

    /** Tells whether the relay still has the same guest. */
    private boolean isThere(final Ready before) throws InterruptedException {
        try {
            final Connection second = Connection.connect(connection.path(), LOOK_DEADLINE);
            try {
                return second.link().peer().ready().equals(before);
            } finally {
                second.close();
            }
        } catch (final SandboxException e) {
            return false;
        }
    }
}
