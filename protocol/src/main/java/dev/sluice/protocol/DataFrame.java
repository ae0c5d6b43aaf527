package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;

/**
 * Frames that carry bytes of a stream and nothing else: {@code core.exec.stdin}, {@code stdout} and {@code stderr}, {@code core.fs.data},
 * {@code core.tcp.data}. The data is the end of the frame, so all that has to be made is what precedes it:
 *
 * <pre>
 *   9 bytes  A3 61 76 vv 61 74 head name  61 70 head    A1 64 "data" head   data
 *   header   envelope                     p: rest is    payload             as it is
 * </pre>
 *
 * <p>Nothing here allocates.
 */
public final class DataFrame {
    /** Longest header that precedes data, whatever its type and length, in bytes. */
    public static final int MAX_HEADER_LENGTH = 64;

    /** Map of one pair, key "data" of 4 bytes. */
    static final short MAP_AND_TEXT_HEAD = (short) 0xA164;
    /** The four letters of "data". */
    static final int DATA_KEY = 0x64617461;
    /** Length of map head and key. */
    static final int KEY_LENGTH = Short.BYTES + Integer.BYTES;

    private DataFrame() {
    }

    /**
     * Writes everything of a frame that precedes its data. The frame is complete when exactly {@code dataLength} bytes follow.
     *
     * @param memory     where to
     * @param offset     where the frame is to start, in bytes
     * @param type       a type that {@link MessageType#carriesData}
     * @param generation the sender's generation, 1 to 23
     * @param id         the session, unsigned
     * @param dataLength how many bytes of data are to follow, 0 to {@link #maxDataLength}
     * @return length of what was written, {@link #headerLength} bytes
     * @throws IllegalArgumentException  when type, generation or length is none of those allowed
     * @throws IndexOutOfBoundsException when the segment has no room; it may have been written to in part
     */
    public static int encodeHeader(
        final MemorySegment memory, final long offset, final MessageType type, final int generation, final int id, final int dataLength) {
        checkDataLength(type, dataLength);
        final int payloadLength = payloadLength(dataLength);
        int at = FrameDescriptor.HEADER_LENGTH;
        at += EnvelopePrefix.put(memory, offset + at, type, generation);
        at += CborDescriptor.putHead(memory, offset + at, CborDescriptor.BYTES, payloadLength);
        final int bodyLength = at - FrameDescriptor.HEADER_LENGTH + payloadLength;
        memory.set(CborDescriptor.SHORT, offset + at, MAP_AND_TEXT_HEAD);
        memory.set(CborDescriptor.INT, offset + at + Short.BYTES, DATA_KEY);
        at += KEY_LENGTH;
        at += CborDescriptor.putHead(memory, offset + at, CborDescriptor.BYTES, dataLength);
        FrameDescriptor.putHeader(memory, offset, bodyLength, id, type.flags());
        return at;
    }

    /**
     * Length of what precedes the data.
     *
     * @param type       a type that {@link MessageType#carriesData}
     * @param dataLength how many bytes of data there will be, 0 to {@link #maxDataLength}
     * @return bytes, at most {@link #MAX_HEADER_LENGTH}
     * @throws IllegalArgumentException when type or length is none of those allowed
     */
    public static int headerLength(final MessageType type, final int dataLength) {
        checkDataLength(type, dataLength);
        return overhead(type, dataLength);
    }

    /**
     * Length of a whole frame on the wire.
     *
     * @param type       a type that {@link MessageType#carriesData}
     * @param dataLength how many bytes of data there will be, 0 to {@link #maxDataLength}
     * @return bytes, what flow windows count
     * @throws IllegalArgumentException when type or length is none of those allowed
     */
    public static int frameLength(final MessageType type, final int dataLength) {
        return headerLength(type, dataLength) + dataLength;
    }

    /**
     * How much data fits one frame.
     *
     * @param type a type that {@link MessageType#carriesData}
     * @return bytes
     * @throws IllegalArgumentException when the type carries no data
     */
    public static int maxDataLength(final MessageType type) {
        requireData(type);
        return FrameDescriptor.MAX_FRAME_LENGTH - overhead(type, FrameDescriptor.MAX_LENGTH);
    }

    /**
     * How much data fits a frame of a given length, as when a flow window is nearly used up.
     *
     * @param type        a type that {@link MessageType#carriesData}
     * @param frameLength length of the frame on the wire, in bytes
     * @return the largest number of bytes with which {@link #frameLength} does not exceed that; 0 when not even one byte fits
     * @throws IllegalArgumentException when the type carries no data
     */
    public static int dataLengthWithin(final MessageType type, final long frameLength) {
        requireData(type);
        final int most = (int) Math.min(frameLength, FrameDescriptor.MAX_FRAME_LENGTH);
        // The overhead grows with the data: what is left under the largest overhead fits, and a few bytes more may.
        int dataLength = Math.max(0, most - overhead(type, most));
        while (dataLength < most && dataLength + 1 + overhead(type, dataLength + 1) <= most) {
            dataLength++;
        }
        return dataLength;
    }

    private static int overhead(final MessageType type, final int dataLength) {
        return FrameDescriptor.HEADER_LENGTH
            + EnvelopePrefix.encodedLength(type)
            + CborDescriptor.headLength(payloadLength(dataLength))
            + KEY_LENGTH
            + CborDescriptor.headLength(dataLength);
    }

    private static int payloadLength(final int dataLength) {
        return KEY_LENGTH + CborDescriptor.headLength(dataLength) + dataLength;
    }

    private static void checkDataLength(final MessageType type, final int dataLength) {
        final int max = maxDataLength(type);
        if (dataLength < 0 || dataLength > max) {
            throw new IllegalArgumentException("data length: type=" + type + " length=" + dataLength + " max=" + max);
        }
    }

    private static void requireData(final MessageType type) {
        if (!type.carriesData()) {
            throw new IllegalArgumentException("type carries no data: type=" + type);
        }
    }
}
