package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Layout of the head of a CBOR item.
 *
 * <pre>
 *    0 1 2 3 4 5 6 7
 *   +-----+---------+---------------------------------------+
 *   |major|  info   |  argument, big-endian, 0, 1, 2, 4, 8  |
 *   +-----+---------+---------------------------------------+
 *   info 0..23: the argument itself; 24, 25, 26, 27: 1, 2, 4, 8 bytes follow; 28..30: not well-formed; 31: no length given
 * </pre>
 *
 * <p>Source: RFC 8949, section 3.
 */
public final class CborDescriptor {
    /** Major type of an unsigned integer. */
    public static final int UNSIGNED = 0;
    /** Major type of a negative integer: -1 - argument. */
    public static final int NEGATIVE = 1;
    /** Major type of a byte string. */
    public static final int BYTES = 2;
    /** Major type of a text string. */
    public static final int TEXT = 3;
    /** Major type of an array. */
    public static final int ARRAY = 4;
    /** Major type of a map. */
    public static final int MAP = 5;
    /** Major type of a tag, which the tagged item follows. */
    public static final int TAG = 6;
    /** Major type of simple values, floats and the break. */
    public static final int SIMPLE = 7;

    /** Whole byte of the simple value false. */
    public static final int FALSE = 0xF4;
    /** Whole byte of the simple value true. */
    public static final int TRUE = 0xF5;
    /** Whole byte of the simple value null. */
    public static final int NULL = 0xF6;
    /** Whole byte that ends an item of indefinite length. */
    public static final int BREAK = 0xFF;
    /** Longest head, in bytes. */
    public static final int MAX_HEAD_LENGTH = 9;

    static final int MAJOR_SHIFT = 5;
    static final int INFO_MASK = 0x1F;
    static final int INFO_UINT8 = 24;
    static final int INFO_UINT16 = 25;
    static final int INFO_UINT32 = 26;
    static final int INFO_UINT64 = 27;
    static final int INFO_INDEFINITE = 31;

    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private CborDescriptor() {
    }

    /**
     * Length of the shortest head with a given argument.
     *
     * @param argument the argument, an unsigned 64-bit number
     * @return 1, 2, 3, 5 or 9 bytes
     */
    public static int headLength(final long argument) {
        if (argument >>> 8 == 0) {
            return argument < INFO_UINT8 ? 1 : 2;
        }
        if (argument >>> 16 == 0) {
            return 3;
        }
        return argument >>> 32 == 0 ? 5 : 9;
    }

    /**
     * Writes the shortest head with a given argument.
     *
     * @param memory   where to
     * @param offset   where it starts, in bytes
     * @param major    the major type, 0 to 7
     * @param argument the argument, an unsigned 64-bit number
     * @return its length, {@link #headLength} bytes
     */
    public static int putHead(final MemorySegment memory, final long offset, final int major, final long argument) {
        final int top = major << MAJOR_SHIFT;
        final int length = headLength(argument);
        switch (length) {
            case 1 -> memory.set(BYTE, offset, (byte) (top | (int) argument));
            case 2 -> {
                memory.set(BYTE, offset, (byte) (top | INFO_UINT8));
                memory.set(BYTE, offset + 1, (byte) argument);
            }
            case 3 -> {
                memory.set(BYTE, offset, (byte) (top | INFO_UINT16));
                memory.set(SHORT, offset + 1, (short) argument);
            }
            case 5 -> {
                memory.set(BYTE, offset, (byte) (top | INFO_UINT32));
                memory.set(INT, offset + 1, (int) argument);
            }
            default -> {
                memory.set(BYTE, offset, (byte) (top | INFO_UINT64));
                memory.set(LONG, offset + 1, argument);
            }
        }
        return length;
    }
}
