package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;

/**
 * A flyweight over the payload of a type that {@link MessageType#carriesData}: the map {@code {data: byte string}}.
 *
 * <p>Nothing is allocated, unless the data does not lie in one piece. Not thread safe.
 */
public final class DataPayload {
    private static final StructFields FIELDS = StructFields.of("data");
    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private final CborReader own = new CborReader();
    private MemorySegment dataMemory = NOTHING;
    private long dataOffset;
    private int dataLength;

    /** A payload of nothing, until {@link #wrap}. */
    public DataPayload() {
    }

    /**
     * Decodes the payload of an envelope.
     *
     * @param envelope the envelope; must not be wrapped anew while this payload is used
     * @return this payload
     * @throws ProtocolException when it is not such a map
     */
    public DataPayload wrap(final Envelope envelope) throws ProtocolException {
        return wrap(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength());
    }

    /**
     * Decodes a payload. After an exception the values mean nothing until the next call.
     *
     * @param memory where it lies; stays the caller's and must not change while this payload is used
     * @param offset where it starts, in bytes
     * @param length how long it is, in bytes
     * @return this payload
     * @throws ProtocolException when it is not such a map
     */
    public DataPayload wrap(final MemorySegment memory, final long offset, final int length) throws ProtocolException {
        if (length > DataFrame.KEY_LENGTH
            && memory.get(CborDescriptor.SHORT, offset) == DataFrame.MAP_AND_TEXT_HEAD
            && memory.get(CborDescriptor.INT, offset + Short.BYTES) == DataFrame.DATA_KEY) {
            readData(own.wrap(memory, offset + DataFrame.KEY_LENGTH, length - DataFrame.KEY_LENGTH));
            return this;
        }
        return read(own.wrap(memory, offset, length));
    }

    /**
     * Memory that the data lies in.
     *
     * @return the memory wrapped, or, when the data was not in one piece there, a buffer that the next {@link #wrap} overwrites
     */
    public MemorySegment dataMemory() {
        return dataMemory;
    }

    /**
     * Where the data starts.
     *
     * @return bytes from the start of {@link #dataMemory}
     */
    public long dataOffset() {
        return dataOffset;
    }

    /**
     * How much data there is.
     *
     * @return bytes, 0 for the end of a stream
     */
    public int dataLength() {
        return dataLength;
    }

    /** Decodes the map that is next in a reader, whose slice the data then is. */
    DataPayload read(final CborReader reader) throws ProtocolException {
        boolean seen = false;
        final long pairs = reader.readMapHead();
        for (long i = 0; reader.hasNext(pairs, i); i++) {
            if (FIELDS.readKey(reader) == StructFields.UNKNOWN) {
                reader.skip();
            } else if (seen) {
                throw reader.error(Reason.MALFORMED, "key twice");
            } else {
                seen = true;
                readData(reader);
            }
        }
        if (!seen) {
            reader.field("data");
            throw reader.error(Reason.MISSING_FIELD, "required field missing");
        }
        return this;
    }

    private void readData(final CborReader reader) throws ProtocolException {
        reader.field("data");
        reader.readBytes();
        dataMemory = reader.sliceMemory();
        dataOffset = reader.sliceOffset();
        dataLength = reader.sliceLength();
    }
}
