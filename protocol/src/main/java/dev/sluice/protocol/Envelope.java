package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;

/**
 * A flyweight over a frame's body: the map {@code {v: generation, t: type, p: payload}}.
 *
 * <p>Accepts what existing decoders accept: any order of keys, unknown keys, items of indefinite length, a payload written as an array of
 * integers, bytes behind the map. The form that every known encoder writes is decoded without a walk. Nothing is allocated, unless the
 * payload does not lie in one piece or the type is unknown. Not thread safe.
 *
 * <p>Source: relay protocol, section 1.2; generation 7, section 1.
 */
public final class Envelope {
    static final int KEY_UNKNOWN = 0;
    static final int KEY_VERSION = 'v';
    static final int KEY_TYPE = 't';
    static final int KEY_PAYLOAD = 'p';

    /** Of the name of an unknown type so many bytes are kept. */
    private static final int MAX_KEPT_NAME = 128;
    private static final int SEEN_VERSION = 1;
    private static final int SEEN_TYPE = 2;
    private static final int SEEN_PAYLOAD = 4;
    private static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private final CborReader reader = new CborReader();
    private int version;
    private MessageType type;
    private ByteString unknownName = ByteString.EMPTY;
    private MemorySegment payloadMemory = NOTHING;
    private long payloadOffset;
    private int payloadLength;

    /** An envelope of nothing, until {@link #wrap}. */
    public Envelope() {
    }

    /**
     * Decodes a body. After an exception the envelope's values mean nothing until the next call.
     *
     * @param memory where the body lies; stays the caller's and must not change while the envelope is used
     * @param offset where it starts, in bytes
     * @param length how long it is, in bytes
     * @return this envelope
     * @throws ProtocolException when the body is not such a map, or v, t or p is missing, twice there or not of its type. An unknown type
     *     is no error: {@link #type} is null then.
     */
    public Envelope wrap(final MemorySegment memory, final long offset, final int length) throws ProtocolException {
        if (!wrapCommon(memory, offset, length)) {
            walk(memory, offset, length);
        }
        return this;
    }

    /**
     * Generation that the sender wrote.
     *
     * @return 0 to 255
     */
    public int version() {
        return version;
    }

    /**
     * Type of the message.
     *
     * @return the type, or null when it is not known
     */
    public MessageType type() {
        return type;
    }

    /**
     * Name of the type, also of an unknown one, of which at most 128 bytes are kept.
     *
     * @return the bytes of t
     */
    public ByteString typeName() {
        return type == null ? unknownName : type.wireBytes();
    }

    /**
     * Memory that the payload lies in.
     *
     * @return the memory wrapped, or, when the payload was not in one piece there, a buffer that the next {@link #wrap} overwrites
     */
    public MemorySegment payloadMemory() {
        return payloadMemory;
    }

    /**
     * Where the payload starts.
     *
     * @return bytes from the start of {@link #payloadMemory}
     */
    public long payloadOffset() {
        return payloadOffset;
    }

    /**
     * Length of the payload: CBOR of its own inside the byte string p.
     *
     * @return bytes, 0 for an empty p
     */
    public int payloadLength() {
        return payloadLength;
    }

    private boolean wrapCommon(final MemorySegment memory, final long offset, final int length) throws ProtocolException {
        final long name = EnvelopePrefix.typeName(memory, offset, length);
        if (name == EnvelopePrefix.NOT_COMMON) {
            return false;
        }
        final int nameOffset = EnvelopePrefix.offset(name);
        final int nameEnd = nameOffset + EnvelopePrefix.length(name);
        if (length - nameEnd < Short.BYTES || memory.get(CborDescriptor.SHORT, offset + nameEnd) != EnvelopePrefix.PAYLOAD_KEY) {
            return false;
        }
        setType(memory, offset + nameOffset, nameEnd - nameOffset);
        version = memory.get(CborDescriptor.BYTE, offset + EnvelopePrefix.VERSION_OFFSET) & 0xFF;
        reader.wrap(memory, offset + nameEnd + Short.BYTES, length - nameEnd - Short.BYTES);
        readPayload();
        return true;
    }

    private void walk(final MemorySegment memory, final long offset, final int length) throws ProtocolException {
        reader.wrap(memory, offset, length);
        int seen = 0;
        final long pairs = reader.readMapHead();
        for (long i = 0; reader.hasNext(pairs, i); i++) {
            reader.field("");
            switch (readKey(reader)) {
                case KEY_VERSION -> {
                    seen = once(seen, SEEN_VERSION, "v");
                    version = reader.readUint8();
                }
                case KEY_TYPE -> {
                    seen = once(seen, SEEN_TYPE, "t");
                    reader.readText();
                    setType(reader.sliceMemory(), reader.sliceOffset(), reader.sliceLength());
                }
                case KEY_PAYLOAD -> {
                    seen = once(seen, SEEN_PAYLOAD, "p");
                    readPayload();
                }
                default -> reader.skip();
            }
        }
        requireAll(seen);
    }

    private int once(final int seen, final int key, final String name) throws ProtocolException {
        reader.field(name);
        if ((seen & key) != 0) {
            throw reader.error(Reason.MALFORMED, "key twice in an envelope");
        }
        return seen | key;
    }

    private void requireAll(final int seen) throws ProtocolException {
        if (seen != (SEEN_VERSION | SEEN_TYPE | SEEN_PAYLOAD)) {
            reader.field((seen & SEEN_VERSION) == 0 ? "v" : (seen & SEEN_TYPE) == 0 ? "t" : "p");
            throw reader.error(Reason.MISSING_FIELD, "key missing in an envelope");
        }
    }

    private void setType(final MemorySegment memory, final long offset, final int length) {
        type = MessageTypeTable.find(memory, offset, length);
        if (type == null) {
            unknownName = ByteString.copyOf(memory, offset, Math.min(length, MAX_KEPT_NAME));
        }
    }

    private void readPayload() throws ProtocolException {
        reader.field("p");
        reader.readBytes();
        payloadMemory = reader.sliceMemory();
        payloadOffset = reader.sliceOffset();
        payloadLength = reader.sliceLength();
    }

    /** Reads a key of an envelope's map: one of the KEY constants, or {@link #KEY_UNKNOWN} for any other key of any type. */
    static int readKey(final CborReader reader) throws ProtocolException {
        if (reader.peekMajor() != CborDescriptor.TEXT) {
            reader.skip();
            return KEY_UNKNOWN;
        }
        reader.readText();
        if (reader.sliceLength() != 1) {
            return KEY_UNKNOWN;
        }
        return reader.sliceMemory().get(CborDescriptor.BYTE, reader.sliceOffset());
    }
}
