package dev.sluice.protocol;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;

/**
 * What a relay sends first to a client that has connected. The client sends nothing. A {@code core.ready} frame follows either form.
 *
 * <pre>
 *   4-byte form, up to 0.4:    | id_offset | ready frame: length ...
 *   8-byte form, since 0.5:    | id_start  | id_end_exclusive        | ready frame ...
 * </pre>
 *
 * <p>All words are unsigned, big-endian. A client reads 8 bytes and tells the forms apart by the second word: a length that a frame may
 * have, with a first word that cannot be the start of a range ending there, is the length of the ready frame that follows a 4-byte form.
 *
 * <p>Source: relay protocol, section 1.5; generation 7, section 6.1. No allocation but for the ranges returned.
 */
public final class Handshake {
    /** Length of the 4-byte form. */
    public static final int OFFSET_FORM_LENGTH = 4;
    /** Length of the 8-byte form, and what a client has to read to tell the forms apart. */
    public static final int RANGE_FORM_LENGTH = 8;

    private static final int SECOND_WORD_OFFSET = 4;

    private Handshake() {
    }

    /**
     * Writes the 4-byte form.
     *
     * @param memory where to
     * @param offset where it starts, in bytes
     * @param range  the client's range; its id_offset is one below its start
     * @return {@link #OFFSET_FORM_LENGTH}
     */
    public static int encodeOffsetForm(final MemorySegment memory, final long offset, final IdRange range) {
        memory.set(CborDescriptor.INT, offset, (int) (range.start() - 1));
        return OFFSET_FORM_LENGTH;
    }

    /**
     * Writes the 8-byte form.
     *
     * @param memory where to
     * @param offset where it starts, in bytes
     * @param range  the client's range
     * @return {@link #RANGE_FORM_LENGTH}
     */
    public static int encodeRangeForm(final MemorySegment memory, final long offset, final IdRange range) {
        memory.set(CborDescriptor.INT, offset, (int) range.start());
        memory.set(CborDescriptor.INT, offset + SECOND_WORD_OFFSET, (int) range.endExclusive());
        return RANGE_FORM_LENGTH;
    }

    /**
     * Tells the forms apart.
     *
     * @param memory where the first {@link #RANGE_FORM_LENGTH} bytes from the relay lie
     * @param offset where they start, in bytes
     * @return true when they are the 4-byte form and the length field of the ready frame; false when they are the 8-byte form
     */
    public static boolean isOffsetForm(final MemorySegment memory, final long offset) {
        final long first = word(memory, offset);
        final long second = word(memory, offset + SECOND_WORD_OFFSET);
        return FrameError.ofLength((int) second) == FrameError.NONE && (first == 0 || first >= second);
    }

    /**
     * Decodes either form. The ready frame starts {@link #OFFSET_FORM_LENGTH} or {@link #RANGE_FORM_LENGTH} bytes from the offset, as
     * {@link #isOffsetForm} says.
     *
     * <p>The 4-byte form does not say where the range ends, and relays differ: 268435454 ids or, on the grid of {@link IdGrid}, 33554430.
     * The smaller range is within both.
     *
     * @param memory where the first {@link #RANGE_FORM_LENGTH} bytes from the relay lie
     * @param offset where they start, in bytes
     * @return the ids the client may use
     * @throws ProtocolException when they are neither form
     */
    public static IdRange decode(final MemorySegment memory, final long offset) throws ProtocolException {
        final long first = word(memory, offset);
        if (isOffsetForm(memory, offset)) {
            final long end = first + IdGrid.RANGE_STEP;
            if (end > 0xFFFFFFFFL) {
                throw invalid(offset, "id_offset", "id_offset=" + first);
            }
            return new IdRange(first + 1, end);
        }
        final long second = word(memory, offset + SECOND_WORD_OFFSET);
        // A range that starts at 0 is taken without the control id, as other clients do.
        final long start = Math.max(first, 1);
        if (start >= second) {
            throw invalid(offset, "id_start", "id_start=" + first + " id_end_exclusive=" + second);
        }
        return new IdRange(start, second);
    }

    private static long word(final MemorySegment memory, final long offset) {
        return Integer.toUnsignedLong(memory.get(CborDescriptor.INT, offset));
    }

    private static ProtocolException invalid(final long offset, final String field, final String detail) {
        return new ProtocolException(Reason.OUT_OF_RANGE, field, offset, "no range of ids: " + detail);
    }
}
