package dev.sluice.relay;

import dev.sluice.protocol.CborReader;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The two things in a core.exec.request that matter for the log, read without building the rest: whether the program gets a terminal, and
 * the windows that its client announces. One owner thread.
 */
final class ExecRequestHints {
    private static final byte[] TTY = "tty".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WINDOW = "sluice_window".getBytes(StandardCharsets.US_ASCII);

    private final Envelope envelope = new Envelope();
    private final CborReader reader = new CborReader();
    private boolean tty;
    private long window;

    /** Reads a request; what cannot be read is no terminal and no window, as the guest will refuse it. */
    void read(final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        tty = false;
        window = 0;
        try {
            envelope.wrap(memory, bodyOffset, bodyLength);
            reader.wrap(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength());
            final long pairs = reader.readMapHead();
            for (long i = 0; reader.hasNext(pairs, i); i++) {
                reader.readText();
                if (isKey(TTY)) {
                    tty = reader.readBoolean();
                } else if (isKey(WINDOW)) {
                    window = reader.tryReadNull() ? 0 : reader.readUint32();
                } else {
                    reader.skip();
                }
            }
        } catch (final ProtocolException e) {
            window = 0;
        }
    }

    private boolean isKey(final byte[] name) {
        if (reader.sliceLength() != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (reader.sliceMemory().get(ValueLayout.JAVA_BYTE, reader.sliceOffset() + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    boolean tty() {
        return tty;
    }

    /** {@return bytes that each output may send at first, 0 without windows} */
    long window() {
        return window;
    }
}
