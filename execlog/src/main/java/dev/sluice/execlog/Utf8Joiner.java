package dev.sluice.execlog;

/**
 * Keeps characters whole that arrive in parts: the bytes at the end of a piece that begin a character are carried over to the next piece
 * of the same stream.
 *
 * <pre>
 *   | carry of the last piece | piece                                    |
 *   | a line                                        | carry for the next |
 * </pre>
 *
 * <p>A carry is a packed int, so that whoever keeps thousands of streams keeps as many ints: its length in the high byte, up to
 * {@value #MAX_CARRY} bytes below, the first the lowest. Nothing is lost by it: what is carried when a stream ends is a line of its own.
 */
public final class Utf8Joiner {
    /** Nothing is carried. */
    public static final int NO_CARRY = 0;
    /** Most bytes that are carried: a character of four bytes less its last. */
    public static final int MAX_CARRY = 3;

    private static final int LENGTH_SHIFT = 24;

    private Utf8Joiner() {
    }

    /**
     * Finds how many bytes at the end are the beginning of a character whose rest is missing.
     *
     * @param bytes the bytes, a carry put in front of them
     * @param offset where they start
     * @param length how many there are
     * @return 0 to {@link #MAX_CARRY}; 0 also when the end is no UTF-8 at all
     */
    public static int incompleteTail(final byte[] bytes, final int offset, final int length) {
        for (int tail = 1; tail <= MAX_CARRY && tail <= length; tail++) {
            final int at = offset + length - tail;
            if ((bytes[at] & 0xC0) != 0x80) {
                final boolean begun = bytes[at] < 0 && Utf8.sequenceLength(bytes[at] & 0xFF) > tail && Utf8.continues(bytes, at, tail);
                return begun ? tail : 0;
            }
        }
        return 0;
    }

    /**
     * Packs bytes into a carry.
     *
     * @param bytes where they are
     * @param offset where they start
     * @param length how many, 0 to {@link #MAX_CARRY}
     * @return the carry
     */
    public static int carry(final byte[] bytes, final int offset, final int length) {
        int carry = length << LENGTH_SHIFT;
        for (int i = 0; i < length; i++) {
            carry |= (bytes[offset + i] & 0xFF) << Byte.SIZE * i;
        }
        return carry;
    }

    /**
     * How many bytes a carry has.
     *
     * @param carry the carry
     * @return 0 to {@link #MAX_CARRY}
     */
    public static int length(final int carry) {
        return carry >>> LENGTH_SHIFT;
    }

    /**
     * Unpacks a carry.
     *
     * @param carry the carry
     * @param target where its bytes go
     * @param offset where they start there
     * @return how many they are
     */
    public static int unpack(final int carry, final byte[] target, final int offset) {
        final int length = length(carry);
        for (int i = 0; i < length; i++) {
            target[offset + i] = (byte) (carry >>> Byte.SIZE * i);
        }
        return length;
    }
}
