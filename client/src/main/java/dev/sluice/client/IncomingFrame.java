package dev.sluice.client;

import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.ProtocolException.Reason;
import dev.sluice.protocol.WindowPayload;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A flyweight over a frame from the guest, for the connection's reader thread. Decodes what it is asked for, and no more. */
final class IncomingFrame {
    private final Envelope envelope = new Envelope();
    private final DataPayload data = new DataPayload();
    private final WindowPayload window = new WindowPayload();
    private int flags;
    private MemorySegment memory;
    private long bodyOffset;
    private int bodyLength;
    private boolean decoded;

    IncomingFrame wrap(final int newFlags, final MemorySegment newMemory, final long newBodyOffset, final int newBodyLength) {
        flags = newFlags;
        memory = newMemory;
        bodyOffset = newBodyOffset;
        bodyLength = newBodyLength;
        decoded = false;
        return this;
    }

    int flags() {
        return flags;
    }

    boolean isTerminal() {
        return (flags & FrameDescriptor.FLAG_TERMINAL) != 0;
    }

    /** Length of the whole frame on the wire, which is what windows count. */
    int length() {
        return FrameDescriptor.HEADER_LENGTH + bodyLength;
    }

    /** A copy of the body as it came. */
    byte[] body() {
        return memory.asSlice(bodyOffset, bodyLength).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The type of the message; throws when that is not known. */
    MessageType type() throws ProtocolException {
        final MessageType type = envelope().type();
        if (type == null) {
            throw new ProtocolException(Reason.UNKNOWN_NAME, "t", -1, "unknown message type: " + envelope.typeName());
        }
        return type;
    }

    Envelope envelope() throws ProtocolException {
        if (!decoded) {
            envelope.wrap(memory, bodyOffset, bodyLength);
            decoded = true;
        }
        return envelope;
    }

    boolean isError() throws ProtocolException {
        return envelope().type() == MessageType.ERROR;
    }

    /** The data of a frame that carries data. */
    DataPayload data() throws ProtocolException {
        return data.wrap(envelope());
    }

    /** The content of a grant. */
    WindowPayload window() throws ProtocolException {
        return window.wrap(envelope());
    }

    /** The message, decoded as a whole. */
    Message message() throws ProtocolException {
        return Frames.decode(envelope());
    }

    /** What to throw for a message that makes no sense here. */
    ProtocolException unexpected() throws ProtocolException {
        return new ProtocolException(Reason.UNKNOWN_NAME, "t", -1, "message without a meaning here: " + envelope().typeName());
    }
}
