package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Finds frames in a stream of bytes that arrive split anywhere, without touching their bodies.
 *
 * <p>The caller pulls: it offers bytes to {@link #takeHeader} until {@link #headerComplete}, then moves {@link #bodyRemaining} bytes of
 * body wherever they belong, in as many pieces as it likes, and says so with {@link #bodyTaken}. The nine header bytes are copied once into
 * memory private to the decoder, and only that copy is validated and used, so a peer that changes shared memory while it is read gains
 * nothing.
 *
 * <pre>
 *   HEADER --takeHeader: 9 bytes--&gt; BODY --bodyTaken: bodyRemaining() is 0--&gt; HEADER
 *     |
 *     +--takeHeader: bad length--&gt; ERROR, until reset()
 * </pre>
 *
 * <p>A frame without a body ends with {@code bodyTaken(0)}. No allocation after construction, no exceptions on the path of the data. Not
 * thread safe.
 */
public final class FrameDecoder {
    private final MemorySegment header;
    private int headerTaken;
    private int id;
    private int flags;
    private int bodyLength;
    private int bodyRemaining;
    private FrameError error = FrameError.NONE;

    /**
     * A decoder with its header on the heap.
     */
    public FrameDecoder() {
        this(MemorySegment.ofArray(new byte[FrameDescriptor.HEADER_LENGTH]));
    }

    /**
     * A decoder with its header in memory of the caller's choice, such as native memory that is to be written on from.
     *
     * @param header at least {@link FrameDescriptor#HEADER_LENGTH} bytes that nobody but this decoder writes and that no peer can reach;
     *               stays the caller's to free, after its last use of the decoder
     * @throws IllegalArgumentException when the memory is too small or read-only
     */
    public FrameDecoder(final MemorySegment header) {
        if (header.byteSize() < FrameDescriptor.HEADER_LENGTH || header.isReadOnly()) {
            throw new IllegalArgumentException("header memory: byteSize=" + header.byteSize() + " readOnly=" + header.isReadOnly());
        }
        this.header = header.asSlice(0, FrameDescriptor.HEADER_LENGTH);
    }

    /**
     * Takes bytes that belong to the header of the current frame.
     *
     * @param source memory the bytes lie in
     * @param offset where they start, in bytes
     * @param length how many there are, 0 or more
     * @return how many were taken, 0 to {@link FrameDescriptor#HEADER_LENGTH}; 0 when the header is complete already or {@link #error} is
     *     set. A bad length is reported by {@link #error} as soon as its four bytes have been taken.
     */
    public int takeHeader(final MemorySegment source, final long offset, final int length) {
        if (error != FrameError.NONE) {
            return 0;
        }
        final int taken = Math.min(length, FrameDescriptor.HEADER_LENGTH - headerTaken);
        if (taken <= 0) {
            return 0;
        }
        if (taken == FrameDescriptor.HEADER_LENGTH) {
            MemorySegment.copy(source, offset, header, 0, FrameDescriptor.HEADER_LENGTH);
        } else {
            // A few bytes at a frame's edge: a loop is cheaper than a bulk copy of variable length.
            for (int i = 0; i < taken; i++) {
                header.set(ValueLayout.JAVA_BYTE, headerTaken + i, source.get(ValueLayout.JAVA_BYTE, offset + i));
            }
        }
        headerTaken += taken;
        if (headerTaken >= FrameDescriptor.LENGTH_PREFIX) {
            final int frameLength = FrameDescriptor.length(header, 0);
            error = FrameError.ofLength(frameLength);
            if (error == FrameError.NONE && headerTaken == FrameDescriptor.HEADER_LENGTH) {
                id = FrameDescriptor.id(header, 0);
                flags = FrameDescriptor.flags(header, 0);
                bodyLength = frameLength - FrameDescriptor.MIN_LENGTH;
                bodyRemaining = bodyLength;
            }
        }
        return taken;
    }

    /**
     * Tells whether the header of the current frame is known, from its ninth byte until the frame's end.
     *
     * @return true while {@link #id}, {@link #flags}, {@link #frameLength} and {@link #bodyLength} are those of the current frame
     */
    public boolean headerComplete() {
        return headerTaken == FrameDescriptor.HEADER_LENGTH && error == FrameError.NONE;
    }

    /**
     * Tells whether body bytes are due.
     *
     * @return true when the header is complete and {@link #bodyRemaining} is above 0
     */
    public boolean inBody() {
        return headerComplete() && bodyRemaining > 0;
    }

    /**
     * Tells whether the stream may end here.
     *
     * @return true when no byte of an unfinished frame has been taken; false in error
     */
    public boolean atFrameBoundary() {
        return headerTaken == 0;
    }

    /**
     * What is wrong with the stream, if anything. Stays until {@link #reset}.
     *
     * @return the error, or {@link FrameError#NONE}
     */
    public FrameError error() {
        return error;
    }

    /**
     * Correlation id of the current frame, or of the last one once that has ended.
     *
     * @return an unsigned 32-bit number
     */
    public int id() {
        return id;
    }

    /**
     * Flags of the current frame, or of the last one once that has ended.
     *
     * @return 0 to 255
     */
    public int flags() {
        return flags;
    }

    /**
     * Length of the current frame on the wire, header included.
     *
     * @return bytes, {@link FrameDescriptor#HEADER_LENGTH} to {@link FrameDescriptor#MAX_FRAME_LENGTH}
     */
    public int frameLength() {
        return FrameDescriptor.HEADER_LENGTH + bodyLength;
    }

    /**
     * Length of the current frame's body.
     *
     * @return bytes, 0 to {@link FrameDescriptor#MAX_BODY_LENGTH}
     */
    public int bodyLength() {
        return bodyLength;
    }

    /**
     * What is still to come of the current frame's body.
     *
     * @return bytes, 0 to {@link #bodyLength}
     */
    public int bodyRemaining() {
        return bodyRemaining;
    }

    /**
     * Says that body bytes have been dealt with. When none remain the frame has ended and the decoder is ready for the next header.
     *
     * @param bytes how many, 0 to {@link #bodyRemaining}
     * @throws IllegalArgumentException when that is more than remain, or negative
     * @throws IllegalStateException    when the header is not complete
     */
    public void bodyTaken(final int bytes) {
        if (!headerComplete()) {
            throw new IllegalStateException("body taken before its header: headerTaken=" + headerTaken + " error=" + error);
        }
        if (bytes < 0 || bytes > bodyRemaining) {
            throw new IllegalArgumentException("body taken: bytes=" + bytes + " remaining=" + bodyRemaining);
        }
        bodyRemaining -= bytes;
        if (bodyRemaining == 0) {
            headerTaken = 0;
        }
    }

    /**
     * The decoder's private copy of the current frame's header: what is written on to the next hop.
     *
     * @return nine validated bytes, to be read only, while {@link #headerComplete}; the next header overwrites them
     */
    public MemorySegment header() {
        return header;
    }

    /** Forgets the current frame and any error: the next byte is the first of a stream. */
    public void reset() {
        headerTaken = 0;
        bodyLength = 0;
        bodyRemaining = 0;
        id = 0;
        flags = 0;
        error = FrameError.NONE;
    }
}
