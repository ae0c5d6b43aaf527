package dev.sluice.relay;

import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.ClockSync;
import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.IdRange;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.Shutdown;

/** The frames a relay writes itself: kills towards the guest, the ends of sessions towards clients. Rare, so they may allocate. */
final class RelayFrames {
    private static final int SIGKILL = 9;
    /** First generation whose clients know core.error. */
    private static final int CORE_ERROR_GENERATION = 5;
    /** Agents insist on at least this. */
    private static final int BOOTSTRAP_GENERATION = 7;
    private static final String STAGE = "relay";

    private RelayFrames() {
    }

    static byte[] kill(final int generation, final int id) {
        return encode(generation, id, new ExecSignal(SIGKILL));
    }

    /**
     * Makes the first frame for a guest.
     *
     * @throws IllegalArgumentException if it would be longer than frames may be
     */
    static byte[] bootstrap(final GuestBootstrap bootstrap) {
        try {
            return Frames.encode(BOOTSTRAP_GENERATION, 0, bootstrap);
        } catch (final ProtocolException e) {
            throw new IllegalArgumentException("bootstrap: " + e.getMessage(), e);
        }
    }

    static byte[] initAck(final int generation) {
        return encode(generation, 0, new EmptyMessage(MessageType.INIT_ACK));
    }

    static byte[] clientDisconnected(final int generation, final IdRange range) {
        return encode(generation, 0, new ClientDisconnected(range.start(), range.endExclusive()));
    }

    static byte[] clockSync(final int generation, final long unixTimeNanos) {
        return encode(generation, 0, new ClockSync(unixTimeNanos));
    }

    static byte[] shutdown(final int generation) {
        return encode(generation, 0, new Shutdown());
    }

    /** {@return the terminal frame for a program's session that the relay ends itself} */
    static byte[] sessionEnded(final int generation, final int id, final String reason) {
        return encode(generation, id, new ExecFailed(ExecFailed.Kind.OTHER, null, null, reason, STAGE));
    }

    /** {@return the terminal frame for a session whose guest is gone, or null when that generation has none for its kind} */
    static byte[] sessionLost(final int generation, final int id, final SessionKind kind, final String reason) {
        final String message = "sandbox connection lost: " + reason;
        return switch (kind) {
            case EXEC -> encode(generation, id, new ExecFailed(ExecFailed.Kind.OTHER, null, null, message, STAGE));
            case FS -> encode(generation, id, new FsResponse(false, message, null));
            case TCP, OTHER -> generation < CORE_ERROR_GENERATION
                ? null
                : encode(generation, id, new CoreError(CoreError.Kind.INVALID_SESSION, message, null));
        };
    }

    private static byte[] encode(final int generation, final int id, final Message message) {
        try {
            return Frames.encode(generation, id, message);
        } catch (final ProtocolException e) {
            throw new AssertionError("a frame of some hundred bytes always fits", e);
        }
    }
}
