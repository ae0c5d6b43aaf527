package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Makes whole frames out of bytes that arrive split anywhere: for the two ends of the protocol, which look into frames.
 *
 * <p>Bytes are put straight into the assembler's buffer, by a system call for instance, and frames are handed out where they lie in it:
 *
 * <pre>{@code
 * int room = assembler.room();
 * int length = read(assembler.memory(), assembler.offset(), room);
 * error = assembler.received(length, handler);
 * }</pre>
 *
 * <p>So that little is moved, {@link #room} ends with a long frame that has been begun: what follows it starts at the front again. The
 * buffer starts with what it is told to retain, grows with the bytes that have really arrived (a length field alone makes nobody
 * allocate) up to {@link FrameDescriptor#MAX_FRAME_LENGTH}, and shrinks back when large frames stop coming.
 *
 * <p>Not thread safe, and nothing but getters may be called from the handler.
 */
public final class FrameAssembler {
    /** What the buffer starts with and shrinks back to unless told otherwise, in bytes: two frames with 64 KiB of data. */
    public static final int RETAINED_LENGTH = 136 * 1024;

    /** Room is not offered beyond the end of a frame longer than this, in bytes. */
    private static final int LONG_FRAME = 16 * 1024;
    /** So many frames in a row have to fit the smallest buffer before a larger one is given up. */
    private static final int SHRINK_AFTER_FRAMES = 16;

    private final int retainedLength;
    private final IntFunction<MemorySegment> buffers;
    private MemorySegment buffer;
    private int capacity;
    /** Where the bytes begin that have not been handed out. */
    private int start;
    private int end;
    private int smallFrames;
    private FrameError error = FrameError.NONE;

    /** An assembler whose buffer is on the heap. */
    public FrameAssembler() {
        this(RETAINED_LENGTH, length -> MemorySegment.ofArray(new byte[length]));
    }

    /**
     * An assembler whose buffer is in memory of the caller's choice, such as native memory that system calls can read.
     *
     * @param retainedLength what the buffer starts with and shrinks back to, in bytes
     * @param buffers        allocates a buffer of the given length in bytes, which the assembler will simply drop when it needs another;
     *                       memory of an automatic arena fits
     */
    public FrameAssembler(final int retainedLength, final IntFunction<MemorySegment> buffers) {
        this.retainedLength = Math.clamp(retainedLength, FrameDescriptor.HEADER_LENGTH, FrameDescriptor.MAX_FRAME_LENGTH);
        this.buffers = Objects.requireNonNull(buffers, "buffers");
    }

    /**
     * Makes room for the next bytes, to be put at {@link #offset} of {@link #memory}.
     *
     * @return how many bytes may be put there, at least 1
     */
    public int room() {
        if (start == end) {
            start = 0;
            end = 0;
            shrink();
        }
        final int frameLength = end - start < FrameDescriptor.LENGTH_PREFIX || error != FrameError.NONE
            ? FrameDescriptor.HEADER_LENGTH : FrameDescriptor.LENGTH_PREFIX + FrameDescriptor.length(buffer, start);
        if (start > 0 && start + frameLength > capacity) {
            MemorySegment.copy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == capacity) {
            grow();
        }
        return frameLength > LONG_FRAME ? Math.min(start + frameLength, capacity) - end : capacity - end;
    }

    /**
     * The buffer that {@link #room} speaks of.
     *
     * @return memory of the assembler's; another one may take its place with every call of {@link #room}
     */
    public MemorySegment memory() {
        return buffer;
    }

    /**
     * Where the next byte goes.
     *
     * @return an offset in {@link #memory}, in bytes
     */
    public int offset() {
        return end;
    }

    /**
     * Bytes have been put where there was room, and every frame that they complete is handed out.
     *
     * @param length  how many bytes, 0 to what {@link #room} has said
     * @param handler is given the frames
     * @return {@link FrameError#NONE}, or what is wrong with the stream: frames before that place have been handed out, and every later
     *     call returns the same. When the handler throws, what it throws passes through and the assembler must be {@link #reset}.
     */
    public FrameError received(final int length, final FrameHandler handler) {
        Objects.checkFromIndexSize(end, length, capacity);
        if (error != FrameError.NONE) {
            return error;
        }
        end += length;
        while (end - start >= FrameDescriptor.LENGTH_PREFIX) {
            final int announced = FrameDescriptor.length(buffer, start);
            error = FrameError.ofLength(announced);
            if (error != FrameError.NONE || announced > end - start - FrameDescriptor.LENGTH_PREFIX) {
                break;
            }
            deliver(FrameDescriptor.LENGTH_PREFIX + announced, handler);
        }
        return error;
    }

    /**
     * Takes a copy of bytes that lie elsewhere, and hands out every frame that they complete; the bytes must not change meanwhile.
     *
     * @param source  memory the bytes lie in
     * @param offset  where they start, in bytes
     * @param length  how many there are, 0 or more
     * @param handler is given the frames
     * @return as {@link #received}
     */
    public FrameError append(final MemorySegment source, final long offset, final int length, final FrameHandler handler) {
        int taken = 0;
        while (taken < length && error == FrameError.NONE) {
            final int piece = Math.min(room(), length - taken);
            MemorySegment.copy(source, offset + taken, buffer, end, piece);
            received(piece, handler);
            taken += piece;
        }
        return error;
    }

    /**
     * What is wrong with the stream, if anything.
     *
     * @return the error, or {@link FrameError#NONE}
     */
    public FrameError error() {
        return error;
    }

    /**
     * Tells whether the stream may end here.
     *
     * @return true when no bytes of an unfinished frame are held
     */
    public boolean atFrameBoundary() {
        return start == end && error == FrameError.NONE;
    }

    /**
     * Bytes held of an unfinished frame.
     *
     * @return bytes, 0 to {@link FrameDescriptor#MAX_FRAME_LENGTH} - 1
     */
    public int heldBytes() {
        return end - start;
    }

    /**
     * Present size of the buffer.
     *
     * @return bytes, 0 before there are any
     */
    public int bufferLength() {
        return capacity;
    }

    /** Forgets what is held and any error: the next byte is the first of a stream. A large buffer is given up. */
    public void reset() {
        start = 0;
        end = 0;
        smallFrames = 0;
        error = FrameError.NONE;
        if (capacity > retainedLength) {
            dropBuffer();
        }
    }

    private void deliver(final int frameLength, final FrameHandler handler) {
        final int at = start;
        start += frameLength;
        smallFrames = frameLength <= retainedLength ? smallFrames + 1 : 0;
        handler.onFrame(
            FrameDescriptor.id(buffer, at),
            FrameDescriptor.flags(buffer, at),
            buffer,
            (long) at + FrameDescriptor.BODY_OFFSET,
            frameLength - FrameDescriptor.HEADER_LENGTH);
    }

    private void grow() {
        final int grown = Math.min(Math.max(2 * capacity, retainedLength), FrameDescriptor.MAX_FRAME_LENGTH);
        final MemorySegment larger = buffers.apply(grown);
        if (end > 0) {
            MemorySegment.copy(buffer, 0, larger, 0, end);
        }
        buffer = larger;
        capacity = grown;
    }

    private void shrink() {
        if (capacity > retainedLength && smallFrames >= SHRINK_AFTER_FRAMES) {
            smallFrames = 0;
            dropBuffer();
        }
    }

    private void dropBuffer() {
        buffer = null;
        capacity = 0;
    }
}
