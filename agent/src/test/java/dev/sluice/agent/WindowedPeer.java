package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.WindowGrant;
import java.io.IOException;
import java.util.Arrays;

/** A client that keeps to its windows and checks that the agent does. */
final class WindowedPeer {
    private final HostEnd host;
    private final int id;
    private final byte[] input;
    private final int piece;
    private final int window;
    private final long[] outputAvailable;
    private final long[] outputConsumed = new long[3];
    private long inputAvailable;
    private int inputSent;
    private boolean inputEnded;

    WindowedPeer(final HostEnd host, final int id, final int stdinWindow, final int window, final byte[] input, final int piece) {
        this.host = host;
        this.id = id;
        this.input = input;
        this.piece = piece;
        this.window = window;
        this.inputAvailable = stdinWindow;
        this.outputAvailable = new long[] {0, window, window};
    }

    ExecResult run() throws IOException {
        final ExecResult result = new ExecResult();
        while (result.terminal == null) {
            sendInput();
            final HostEnd.Received frame = host.next();
            result.take(frame);
            if (frame.message() instanceof WindowGrant grant) {
                inputAvailable += grant.bytes();
            } else if (frame.message() instanceof DataMessage data) {
                consume(data.type() == MessageType.EXEC_STDOUT ? 1 : 2, frame.frameLength());
            }
        }
        return result;
    }

    private void sendInput() throws IOException {
        while (inputSent < input.length) {
            final int room = DataFrame.dataLengthWithin(MessageType.EXEC_STDIN, inputAvailable);
            final int length = Math.min(Math.min(piece, input.length - inputSent), room);
            if (length == 0) {
                return;
            }
            host.stdin(id, Arrays.copyOfRange(input, inputSent, inputSent + length));
            inputSent += length;
            inputAvailable -= HostEnd.wireLength(MessageType.EXEC_STDIN, length);
        }
        if (!inputEnded) {
            inputEnded = true;
            host.stdin(id);
        }
    }

    private void consume(final int stream, final int frameLength) throws IOException {
        outputAvailable[stream] -= frameLength;
        assertTrue(outputAvailable[stream] >= 0, "beyond the window: stream=" + stream + " by=" + -outputAvailable[stream]);
        outputConsumed[stream] += frameLength;
        if (outputConsumed[stream] * 2 >= window) {
            outputAvailable[stream] += outputConsumed[stream];
            host.send(id, new WindowGrant(stream, outputConsumed[stream]));
            outputConsumed[stream] = 0;
        }
    }
}
