package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;

/**
 * Whole frames from messages and back. For messages that are sent often see {@link DataFrame} and {@link WindowFrame}; what is here
 * allocates.
 */
public final class Frames {
    private Frames() {
    }

    /**
     * Length of a message's frame on the wire.
     *
     * @param message the message
     * @return bytes
     * @throws ProtocolException when that is more than {@link FrameDescriptor#MAX_FRAME_LENGTH}
     */
    public static int frameLength(final Message message) throws ProtocolException {
        return frameLength(message, payloadLength(message));
    }

    /**
     * Writes the frame of a message in place.
     *
     * @param memory     where to
     * @param offset     where it starts, in bytes
     * @param generation the sender's generation, 1 to 23
     * @param id         correlation id, unsigned
     * @param message    the message
     * @return length of the frame in bytes, {@link #frameLength}
     * @throws ProtocolException         when it would be too long
     * @throws IllegalArgumentException  when the generation is none of those allowed
     * @throws IndexOutOfBoundsException when the segment has no room; it may have been written to in part
     */
    public static int encode(final MemorySegment memory, final long offset, final int generation, final int id, final Message message)
        throws ProtocolException {
        final long payloadLength = payloadLength(message);
        final int frameLength = frameLength(message, payloadLength);
        int at = FrameDescriptor.HEADER_LENGTH;
        at += EnvelopePrefix.put(memory, offset + at, message.type(), generation);
        at += CborDescriptor.putHead(memory, offset + at, CborDescriptor.BYTES, payloadLength);
        message.writePayload(new CborWriter().wrap(memory, offset + at, payloadLength));
        FrameDescriptor.putHeader(memory, offset, frameLength - FrameDescriptor.HEADER_LENGTH, id, message.type().flags());
        return frameLength;
    }

    /**
     * Makes the frame of a message.
     *
     * @param generation the sender's generation, 1 to 23
     * @param id         correlation id, unsigned
     * @param message    the message
     * @return the frame, a new array
     * @throws ProtocolException        when it would be too long
     * @throws IllegalArgumentException when the generation is none of those allowed
     */
    public static byte[] encode(final int generation, final int id, final Message message) throws ProtocolException {
        final byte[] frame = new byte[frameLength(message)];
        encode(MemorySegment.ofArray(frame), 0, generation, id, message);
        return frame;
    }

    /**
     * Decodes the body of a frame.
     *
     * @param memory     where the body lies
     * @param bodyOffset where it starts, in bytes
     * @param bodyLength how long it is, in bytes
     * @return the message
     * @throws ProtocolException when it cannot be decoded, or its type is not known ({@link Reason#UNKNOWN_NAME}, field t)
     */
    public static Message decode(final MemorySegment memory, final long bodyOffset, final int bodyLength) throws ProtocolException {
        return decode(new Envelope().wrap(memory, bodyOffset, bodyLength));
    }

    /**
     * Decodes the payload of an envelope. Those of {@code core.fs.request} and {@code core.fs.response} are taken to be of release 0.5.0 or
     * later; {@link LegacyFsRequest} and {@link LegacyFsResponse} have decoders for those of before.
     *
     * @param envelope the envelope; the message keeps nothing of it
     * @return the message
     * @throws ProtocolException when it cannot be decoded, or its type is not known ({@link Reason#UNKNOWN_NAME}, field t)
     */
    public static Message decode(final Envelope envelope) throws ProtocolException {
        final MessageType type = envelope.type();
        if (type == null) {
            throw new ProtocolException(Reason.UNKNOWN_NAME, "t", -1, "unknown message type: " + envelope.typeName());
        }
        final CborReader reader = new CborReader();
        reader.wrap(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength());
        return switch (type) {
            case BOOTSTRAP -> GuestBootstrap.decode(reader);
            case READY -> Ready.decode(reader);
            case INIT_RESOLVED -> InitResolved.decode(reader);
            case SHUTDOWN -> Shutdown.decode(reader);
            case CLIENT_DISCONNECTED -> ClientDisconnected.decode(reader);
            case CLOCK_SYNC -> ClockSync.decode(reader);
            case TOUCHED -> Touched.decode(reader);
            case ERROR -> CoreError.decode(reader);
            case EXEC_REQUEST -> ExecRequest.decode(reader);
            case EXEC_STARTED -> ExecStarted.decode(reader);
            case EXEC_STDIN_ERROR -> ExecStdinError.decode(reader);
            case EXEC_EXITED -> ExecExited.decode(reader);
            case EXEC_FAILED -> ExecFailed.decode(reader);
            case EXEC_RESIZE -> ExecResize.decode(reader);
            case EXEC_SIGNAL -> ExecSignal.decode(reader);
            case FS_REQUEST -> FsRequest.decode(reader);
            case FS_RESPONSE -> FsResponse.decode(reader);
            case TCP_CONNECT -> TcpConnect.decode(reader);
            case TCP_FAILED -> TcpFailed.decode(reader);
            case WINDOW -> WindowGrant.decode(reader);
            case EXEC_STDIN, EXEC_STDOUT, EXEC_STDERR, FS_DATA, TCP_DATA -> DataMessage.decode(type, reader);
            case INIT_ACK, PING, PONG, TOUCH, TCP_CONNECTED, TCP_EOF, TCP_CLOSE, TCP_CLOSED -> EmptyMessage.decode(type, reader);
        };
    }

    private static long payloadLength(final Message message) {
        final CborWriter writer = new CborWriter();
        message.writePayload(writer);
        return writer.written();
    }

    private static int frameLength(final Message message, final long payloadLength) throws ProtocolException {
        final long length = FrameDescriptor.HEADER_LENGTH
            + EnvelopePrefix.encodedLength(message.type())
            + CborDescriptor.headLength(payloadLength)
            + payloadLength;
        if (length > FrameDescriptor.MAX_FRAME_LENGTH) {
            throw new ProtocolException(
                Reason.TOO_LARGE, "p", -1, "message too large for a frame: type=" + message.type().wireName() + " length=" + length);
        }
        return (int) length;
    }
}
