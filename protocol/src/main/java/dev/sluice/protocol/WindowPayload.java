package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;

/**
 * A flyweight over the payload of {@code sluice.window}: the map {@code {stream: 0..2, bytes: unsigned}}. Nothing is allocated. Not thread
 * safe.
 */
public final class WindowPayload {
    private static final StructFields FIELDS = StructFields.of("stream", "bytes");
    private static final int STREAM = 0;
    private static final int BYTES = 1;

    private final CborReader reader = new CborReader();
    private int stream;
    private long bytes;

    /** A payload of nothing, until {@link #wrap}. */
    public WindowPayload() {
    }

    /**
     * Decodes the payload of an envelope.
     *
     * @param envelope the envelope
     * @return this payload, which keeps nothing of it
     * @throws ProtocolException when it is not such a map
     */
    public WindowPayload wrap(final Envelope envelope) throws ProtocolException {
        return wrap(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength());
    }

    /**
     * Decodes a payload. After an exception the values mean nothing until the next call.
     *
     * @param memory where it lies
     * @param offset where it starts, in bytes
     * @param length how long it is, in bytes
     * @return this payload, which keeps nothing of the memory
     * @throws ProtocolException when it is not such a map
     */
    public WindowPayload wrap(final MemorySegment memory, final long offset, final int length) throws ProtocolException {
        decode(reader.wrap(memory, offset, length));
        return this;
    }

    /**
     * The stream that is granted more.
     *
     * @return {@link WindowFrame#STDIN}, {@link WindowFrame#STDOUT} or {@link WindowFrame#STDERR}
     */
    public int stream() {
        return stream;
    }

    /**
     * How much more is granted.
     *
     * @return wire bytes, 0 to {@link WindowFrame#MAX_BYTES}
     */
    public long bytes() {
        return bytes;
    }

    void decode(final CborReader from) throws ProtocolException {
        int seen = 0;
        final long pairs = from.readMapHead();
        for (long i = 0; from.hasNext(pairs, i); i++) {
            final int field = FIELDS.readKey(from);
            if (field == StructFields.UNKNOWN) {
                from.skip();
                continue;
            }
            if ((seen & 1 << field) != 0) {
                throw from.error(Reason.MALFORMED, "key twice");
            }
            seen |= 1 << field;
            if (field == STREAM) {
                stream = (int) from.readUnsigned(WindowFrame.STDERR);
            } else {
                bytes = from.readUint32();
            }
        }
        if (seen != (1 << STREAM | 1 << BYTES)) {
            from.field(FIELDS.name((seen & 1 << STREAM) == 0 ? STREAM : BYTES));
            throw from.error(Reason.MISSING_FIELD, "required field missing");
        }
    }
}
