package dev.sluice.relay;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.ProtocolException;

/** The frames a relay writes itself: kills towards the guest, the ends of sessions towards clients. Rare, so they may allocate. */
final class RelayFrames {
    private static final int SIGKILL = 9;
    /** First generation whose clients know core.error. */
    private static final int CORE_ERROR_GENERATION = 5;
    private static final String STAGE = "relay";

    private RelayFrames() {
    }

    static byte[] kill(final int generation, final int id) {
        return encode(generation, id, new ExecSignal(SIGKILL));
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
