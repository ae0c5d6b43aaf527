package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * Makes whole frames out of bytes that arrive split anywhere: for the two ends of the protocol, which look into frames.
 *
 * <p>A frame that lies whole in the bytes offered is handed out where it lies. Only a frame that straddles two offers is copied, once, into
 * a buffer of the assembler's own. That buffer starts at {@link #RETAINED_LENGTH} bytes, grows with the bytes that have really arrived (a
 * length field alone makes nobody allocate) up to {@link FrameDescriptor#MAX_FRAME_LENGTH}, and shrinks back when large frames stop coming.
 *
 * <p>The bytes offered must not change while they are read: bytes from memory shared with a peer are copied by the caller first. Not thread
 * safe, and {@link #append} must not be called from the handler.
 */
public final class FrameAssembler {
    /** What the buffer for straddling frames starts with and shrinks back to, in bytes. */
    public static final int RETAINED_LENGTH = 64 * 1024;

    /** So many straddling frames in a row have to fit {@link #RETAINED_LENGTH} before a larger buffer is given up. */
    private static final int SHRINK_AFTER_FRAMES = 16;

    private final IntFunction<MemorySegment> buffers;
    private MemorySegment buffer;
    private int capacity;
    private int held;
    private int smallFrames;
    private FrameError error = FrameError.NONE;

    /** An assembler whose buffer is on the heap. */
    public FrameAssembler() {
        this(length -> MemorySegment.ofArray(new byte[length]));
    }

    /**
     * An assembler whose buffer is in memory of the caller's choice, such as native memory that system calls can read.
     *
     * @param buffers allocates a buffer of the given length in bytes, which the assembler will simply drop when it needs another; memory of
     *                an automatic arena fits
     */
    public FrameAssembler(final IntFunction<MemorySegment> buffers) {
        this.buffers = Objects.requireNonNull(buffers, "buffers");
    }

    /**
     * Takes all of the bytes offered and hands out every frame they complete.
     *
     * @param memory  memory the bytes lie in
     * @param offset  where they start, in bytes
     * @param length  how many there are, 0 or more
     * @param handler is given the frames
     * @return {@link FrameError#NONE}, or what is wrong with the stream: frames before that place have been handed out, and every later
     *     call returns the same. When the handler throws, what it throws passes through and the assembler must be {@link #reset}.
     */
    public FrameError append(final MemorySegment memory, final long offset, final int length, final FrameHandler handler) {
        if (error != FrameError.NONE) {
            return error;
        }
        long position = offset;
        int remaining = length;
        if (held > 0) {
            final int taken = completeHeldFrame(memory, position, remaining, handler);
            position += taken;
            remaining -= taken;
        }
        while (remaining >= FrameDescriptor.LENGTH_PREFIX && error == FrameError.NONE) {
            final int frameLength = checkedFrameLength(memory, position);
            if (error != FrameError.NONE || frameLength > remaining) {
                break;
            }
            deliver(memory, position, frameLength, handler);
            position += frameLength;
            remaining -= frameLength;
        }
        if (remaining > 0 && error == FrameError.NONE) {
            hold(memory, position, remaining);
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
        return held == 0 && error == FrameError.NONE;
    }

    /**
     * Bytes held of an unfinished frame.
     *
     * @return bytes, 0 to {@link FrameDescriptor#MAX_FRAME_LENGTH} - 1
     */
    public int heldBytes() {
        return held;
    }

    /**
     * Present size of the buffer for straddling frames.
     *
     * @return bytes, 0 before the first one
     */
    public int bufferLength() {
        return capacity;
    }

    /** Forgets what is held and any error: the next byte is the first of a stream. A large buffer is given up. */
    public void reset() {
        held = 0;
        smallFrames = 0;
        error = FrameError.NONE;
        if (capacity > RETAINED_LENGTH) {
            dropBuffer();
        }
    }

    private int completeHeldFrame(final MemorySegment memory, final long offset, final int length, final FrameHandler handler) {
        int taken = 0;
        if (held < FrameDescriptor.LENGTH_PREFIX) {
            taken = Math.min(length, FrameDescriptor.LENGTH_PREFIX - held);
            hold(memory, offset, taken);
            if (held < FrameDescriptor.LENGTH_PREFIX) {
                return taken;
            }
        }
        final int frameLength = checkedFrameLength(buffer, 0);
        if (error != FrameError.NONE) {
            return taken;
        }
        final int rest = Math.min(length - taken, frameLength - held);
        hold(memory, offset + taken, rest);
        taken += rest;
        if (held == frameLength) {
            held = 0;
            deliver(buffer, 0, frameLength, handler);
            shrink(frameLength);
        }
        return taken;
    }

    private int checkedFrameLength(final MemorySegment memory, final long offset) {
        final int length = FrameDescriptor.length(memory, offset);
        error = FrameError.ofLength(length);
        return error == FrameError.NONE ? FrameDescriptor.LENGTH_PREFIX + length : 0;
    }

    private static void deliver(final MemorySegment memory, final long offset, final int frameLength, final FrameHandler handler) {
        handler.onFrame(
            FrameDescriptor.id(memory, offset),
            FrameDescriptor.flags(memory, offset),
            memory,
            offset + FrameDescriptor.BODY_OFFSET,
            frameLength - FrameDescriptor.HEADER_LENGTH);
    }

    private void hold(final MemorySegment memory, final long offset, final int length) {
        reserve(held + length);
        MemorySegment.copy(memory, offset, buffer, held, length);
        held += length;
    }

    private void reserve(final int length) {
        if (length <= capacity) {
            return;
        }
        final int grown = Math.min(Math.max(Math.max(length, 2 * capacity), RETAINED_LENGTH), FrameDescriptor.MAX_FRAME_LENGTH);
        final MemorySegment larger = buffers.apply(grown);
        if (held > 0) {
            MemorySegment.copy(buffer, 0, larger, 0, held);
        }
        buffer = larger;
        capacity = grown;
    }

    private void shrink(final int frameLength) {
        if (capacity <= RETAINED_LENGTH) {
            return;
        }
        smallFrames = frameLength <= RETAINED_LENGTH ? smallFrames + 1 : 0;
        if (smallFrames >= SHRINK_AFTER_FRAMES) {
            smallFrames = 0;
            dropBuffer();
        }
    }

    private void dropBuffer() {
        buffer = null;
        capacity = 0;
    }
}
