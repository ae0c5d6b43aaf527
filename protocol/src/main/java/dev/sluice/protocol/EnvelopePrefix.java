package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;

/**
 * The beginning of a body as every known encoder writes it, so that it can be compared instead of parsed:
 *
 * <pre>
 *   A3        61 76    00..17     61 74    60+n | 78 n   n bytes    61 70    head of p
 *   map of 3  key "v"  version    key "t"  text head     type name  key "p"
 * </pre>
 *
 * <p>Source: relay protocol, section 1.2.
 */
final class EnvelopePrefix {
    /** {@link #typeName} found another form. */
    static final long NOT_COMMON = -1;

    static final int VERSION_OFFSET = 3;
    static final int MAX_SHORT_VERSION = 0x17;
    /** Length up to the head of the type's name. */
    static final int TYPE_HEAD_OFFSET = 6;

    /** Map of three pairs, key "v": the first three bytes. */
    static final int MAP_AND_VERSION_KEY = 0xA36176;
    /** Key "t". */
    static final short TYPE_KEY = 0x6174;
    /** Key "p". */
    static final short PAYLOAD_KEY = 0x6170;

    private static final int SHORT_TEXT = 0x60;
    private static final int LONGEST_SHORT_TEXT = 0x77;
    private static final int TEXT_WITH_LENGTH_BYTE = 0x78;

    /** For each type the envelope up to the head of p, with a version that is to be overwritten. */
    private static final MemorySegment[] ENCODED = new MemorySegment[MessageType.values().length];

    static {
        for (final MessageType type : MessageType.values()) {
            ENCODED[type.ordinal()] = encode(type);
        }
    }

    private EnvelopePrefix() {
    }

    /** Length of what {@link #put} writes. */
    static int encodedLength(final MessageType type) {
        return (int) ENCODED[type.ordinal()].byteSize();
    }

    /** Writes a body up to the head of p, which is to follow; returns its length. */
    static int put(final MemorySegment memory, final long offset, final MessageType type, final int generation) {
        if (generation < 1 || generation > MAX_SHORT_VERSION) {
            throw new IllegalArgumentException("generation: " + generation);
        }
        final MemorySegment encoded = ENCODED[type.ordinal()];
        MemorySegment.copy(encoded, 0, memory, offset, encoded.byteSize());
        memory.set(CborDescriptor.BYTE, offset + VERSION_OFFSET, (byte) generation);
        return (int) encoded.byteSize();
    }

    private static MemorySegment encode(final MessageType type) {
        final CborWriter writer = new CborWriter();
        write(writer, type);
        final MemorySegment encoded = MemorySegment.ofArray(new byte[(int) writer.written()]);
        write(writer.wrap(encoded, 0, encoded.byteSize()), type);
        return encoded;
    }

    private static void write(final CborWriter writer, final MessageType type) {
        writer.writeMapHead(3);
        writer.writeText("v");
        writer.writeUnsigned(0);
        writer.writeText("t");
        writer.writeText(type.wireName());
        writer.writeText("p");
    }

    /**
     * Finds the type's name. Packs its offset, relative to the body, and its length into one value, so that nothing is allocated.
     */
    static long typeName(final MemorySegment memory, final long offset, final int length) {
        if (length < TYPE_HEAD_OFFSET + 2) {
            return NOT_COMMON;
        }
        final int first = memory.get(CborDescriptor.INT, offset);
        if (first >>> 8 != MAP_AND_VERSION_KEY || (first & 0xFF) > MAX_SHORT_VERSION
            || memory.get(CborDescriptor.SHORT, offset + VERSION_OFFSET + 1) != TYPE_KEY) {
            return NOT_COMMON;
        }
        final int head = memory.get(CborDescriptor.BYTE, offset + TYPE_HEAD_OFFSET) & 0xFF;
        final int nameOffset;
        final int nameLength;
        if (head >= SHORT_TEXT && head <= LONGEST_SHORT_TEXT) {
            nameOffset = TYPE_HEAD_OFFSET + 1;
            nameLength = head - SHORT_TEXT;
        } else if (head == TEXT_WITH_LENGTH_BYTE) {
            nameOffset = TYPE_HEAD_OFFSET + 2;
            nameLength = memory.get(CborDescriptor.BYTE, offset + TYPE_HEAD_OFFSET + 1) & 0xFF;
        } else {
            return NOT_COMMON;
        }
        return nameLength > length - nameOffset ? NOT_COMMON : (long) nameOffset << Integer.SIZE | nameLength;
    }

    static int offset(final long typeName) {
        return (int) (typeName >>> Integer.SIZE);
    }

    static int length(final long typeName) {
        return (int) typeName;
    }

    /** The general way to a body's type: any order of keys, any form of heads. */
    static MessageType walkToType(final MemorySegment memory, final long offset, final int length) {
        try {
            final CborReader reader = new CborReader().wrap(memory, offset, length);
            final long pairs = reader.readMapHead();
            for (long i = 0; reader.hasNext(pairs, i); i++) {
                if (Envelope.readKey(reader) == Envelope.KEY_TYPE) {
                    reader.readText();
                    return MessageTypeTable.find(reader.sliceMemory(), reader.sliceOffset(), reader.sliceLength());
                }
                reader.skip();
            }
            return null;
        } catch (final ProtocolException e) {
            return null;
        }
    }
}
