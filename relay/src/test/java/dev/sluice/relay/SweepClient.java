package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** A client with one session: starts it, reads its first output, sends input, reads that back, orders the end, reads it. */
final class SweepClient extends ScriptedPeer {
    static final int INPUT_LENGTH = 6_000;
    private static final int HANDSHAKE_LENGTH = 4;

    private final boolean shutsDown;
    private int id;
    private boolean greeted;
    private int outputs;
    /** Whether the session's terminal frame has come, from the guest. */
    boolean sessionEnded;

    SweepClient(final Path socket, final boolean shutsDown) throws IOException {
        super(of(Wire.dial(socket)));
        this.shutsDown = shutsDown;
    }

    int id() {
        return id;
    }

    boolean isGreeted() {
        return greeted;
    }

    @Override
    int frameLength(final byte[] bytes) {
        // The handshake comes first: four bytes without a length, then core.ready.
        if (id == 0) {
            return bytes.length < HANDSHAKE_LENGTH ? 0 : HANDSHAKE_LENGTH;
        }
        return super.frameLength(bytes);
    }

    @Override
    void onFrame(final byte[] frame) {
        if (id == 0) {
            id = ByteBuffer.wrap(frame).getInt() + 1;
        } else if (!greeted) {
            greeted = true;
            if (!Arrays.equals(Wire.READY, frame)) {
                throw new AssertionError("core.ready is not what the guest sent");
            }
            send(Wire.frame(id, 2, Wire.EXEC_REQUEST_BODY));
        } else if ((flags(frame) & 1) != 0) {
            sessionEnded = !isRelays(frame);
            if (sessionEnded && shutsDown) {
                send(Wire.SHUTDOWN);
            }
        } else if (++outputs == 2) {
            final byte[] input = new byte[INPUT_LENGTH];
            Arrays.fill(input, (byte) id);
            send(Wire.frame(id, 0, input));
        } else if (outputs == 3) {
            send(Wire.frame(id, 0, "end".getBytes(US_ASCII)));
        }
    }

    /** Whether a terminal frame is the relay's word for a session that was lost. */
    static boolean isRelays(final byte[] frame) {
        return new String(frame, US_ASCII).contains("core.exec.failed");
    }
}
