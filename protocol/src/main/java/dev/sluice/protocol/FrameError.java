package dev.sluice.protocol;

/**
 * What is wrong with a frame's length. A stream with such a length has lost its frame boundaries for good and must be ended.
 */
public enum FrameError {
    /** Nothing is wrong. */
    NONE,
    /** The length field is below {@link FrameDescriptor#MIN_LENGTH}. */
    TOO_SHORT,
    /** The length field is above {@link FrameDescriptor#MAX_LENGTH}, taken as an unsigned number. */
    TOO_LONG;

    /**
     * Judges a length field.
     *
     * @param length the field as it stands on the wire, an unsigned 32-bit number
     * @return what is wrong with it, or {@link #NONE}
     */
    public static FrameError ofLength(final int length) {
        if (Integer.compareUnsigned(length, FrameDescriptor.MAX_LENGTH) > 0) {
            return TOO_LONG;
        }
        return length < FrameDescriptor.MIN_LENGTH ? TOO_SHORT : NONE;
    }
}
