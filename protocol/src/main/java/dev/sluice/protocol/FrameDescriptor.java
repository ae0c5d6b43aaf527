package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Layout of a frame of the relay protocol, the same in every generation.
 *
 * <pre>
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+
 *   |  length: bytes that follow this field, big-endian, unsigned   |  0
 *   +---------------------------------------------------------------+
 *   |  correlation id, big-endian, unsigned; 0 is the control id    |  4
 *   +---------------+-----------------------------------------------+
 *   |     flags     |  body: one CBOR map {v, t, p}               ...  8, 9
 *   +---------------+-----------------------------------------------+
 * </pre>
 *
 * <p>Source of the layout: relay protocol, section 1.1. The length counts id, flags and body: {@link #MIN_LENGTH} to {@link #MAX_LENGTH}.
 */
public final class FrameDescriptor {
    /** Where the length field starts. */
    public static final int LENGTH_OFFSET = 0;
    /** Where the correlation id starts. */
    public static final int ID_OFFSET = 4;
    /** Where the flags byte is. */
    public static final int FLAGS_OFFSET = 8;
    /** Where the body starts. */
    public static final int BODY_OFFSET = 9;

    /** Length of everything before the body, in bytes. */
    public static final int HEADER_LENGTH = BODY_OFFSET;
    /** Length of the length field, which does not count itself, in bytes. */
    public static final int LENGTH_PREFIX = ID_OFFSET;
    /** Smallest value of the length field: id and flags, no body. */
    public static final int MIN_LENGTH = HEADER_LENGTH - LENGTH_PREFIX;
    /** Largest value of the length field, inclusive. */
    public static final int MAX_LENGTH = 4 * 1024 * 1024;
    /** Largest frame on the wire, length field included, in bytes. */
    public static final int MAX_FRAME_LENGTH = LENGTH_PREFIX + MAX_LENGTH;
    /** Largest body, in bytes. */
    public static final int MAX_BODY_LENGTH = MAX_FRAME_LENGTH - HEADER_LENGTH;

    /** Flag: the last message of this id. */
    public static final int FLAG_TERMINAL = 0x01;
    /** Flag: the first message of a session. */
    public static final int FLAG_SESSION_START = 0x02;
    /** Flag: asks the guest to shut down. */
    public static final int FLAG_SHUTDOWN = 0x04;
    /** Flag: the body is a raw bulk record; generation 8 and later, never set by this implementation. */
    public static final int FLAG_BULK = 0x08;

    private static final ValueLayout.OfInt INT_BIG_ENDIAN = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private FrameDescriptor() {
    }

    /**
     * Reads the length field.
     *
     * @param memory where the frame lies
     * @param offset where it starts, in bytes
     * @return the field as it stands, unsigned; see {@link FrameError#ofLength}
     */
    public static int length(final MemorySegment memory, final long offset) {
        return memory.get(INT_BIG_ENDIAN, offset + LENGTH_OFFSET);
    }

    /**
     * Reads the correlation id.
     *
     * @param memory where the frame lies
     * @param offset where it starts, in bytes
     * @return the id, an unsigned 32-bit number
     */
    public static int id(final MemorySegment memory, final long offset) {
        return memory.get(INT_BIG_ENDIAN, offset + ID_OFFSET);
    }

    /**
     * Reads the flags.
     *
     * @param memory where the frame lies
     * @param offset where it starts, in bytes
     * @return the flags, 0 to 255
     */
    public static int flags(final MemorySegment memory, final long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, offset + FLAGS_OFFSET) & 0xFF;
    }

    /**
     * Writes the length field.
     *
     * @param memory where the frame lies
     * @param offset where it starts, in bytes
     * @param length the field's value
     */
    public static void putLength(final MemorySegment memory, final long offset, final int length) {
        memory.set(INT_BIG_ENDIAN, offset + LENGTH_OFFSET, length);
    }

    /**
     * Writes the correlation id.
     *
     * @param memory where the frame lies
     * @param offset where it starts, in bytes
     * @param id     the id, unsigned
     */
    public static void putId(final MemorySegment memory, final long offset, final int id) {
        memory.set(INT_BIG_ENDIAN, offset + ID_OFFSET, id);
    }

    /**
     * Writes the flags.
     *
     * @param memory where the frame lies
     * @param offset where it starts, in bytes
     * @param flags  the flags; only the low 8 bits are written
     */
    public static void putFlags(final MemorySegment memory, final long offset, final int flags) {
        memory.set(ValueLayout.JAVA_BYTE, offset + FLAGS_OFFSET, (byte) flags);
    }

    /**
     * Writes all {@link #HEADER_LENGTH} bytes of a header.
     *
     * @param memory     where the frame lies
     * @param offset     where it starts, in bytes
     * @param bodyLength length of the body that follows, in bytes, 0 to {@link #MAX_BODY_LENGTH}; not checked
     * @param id         the correlation id, unsigned
     * @param flags      the flags; only the low 8 bits are written
     */
    public static void putHeader(
        final MemorySegment memory, final long offset, final int bodyLength, final int id, final int flags) {
        putLength(memory, offset, MIN_LENGTH + bodyLength);
        putId(memory, offset, id);
        putFlags(memory, offset, flags);
    }
}
