package dev.sluice.agent;

import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.ExecStdinError;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.WindowGrant;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What one session has sent, checked for order: started before output, nothing after the terminal answer. */
final class ExecResult {
    final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    final List<ExecStdinError> stdinErrors = new ArrayList<>();
    long stdinGranted;
    ExecStarted started;
    Message terminal;

    void take(final HostEnd.Received frame) {
        if (terminal != null) {
            throw new AssertionError("after the terminal answer: " + frame);
        }
        switch (frame.message()) {
            case ExecStarted message -> started = message;
            case DataMessage message -> {
                if (started == null) {
                    throw new AssertionError("output before started");
                }
                final byte[] data = message.data().toByteArray();
                (message.type() == MessageType.EXEC_STDOUT ? stdout : stderr).write(data, 0, data.length);
            }
            case ExecStdinError message -> stdinErrors.add(message);
            case WindowGrant message -> stdinGranted += message.bytes();
            case ExecExited message -> terminal = message;
            case ExecFailed message -> terminal = message;
            default -> throw new AssertionError("unexpected: " + frame);
        }
        if (frame.isTerminal() != (terminal != null)) {
            throw new AssertionError("terminal flag: " + frame);
        }
    }

    ExecExited exited() {
        return (ExecExited) terminal;
    }

    ExecFailed failed() {
        return (ExecFailed) terminal;
    }

    String out() {
        return stdout.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return stderr.toString(StandardCharsets.UTF_8);
    }
}
