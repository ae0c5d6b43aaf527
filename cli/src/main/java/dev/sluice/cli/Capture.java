package dev.sluice.cli;

import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FrameError;
import dev.sluice.protocol.Handshake;
import dev.sluice.protocol.IdRange;
import dev.sluice.protocol.ProtocolException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.lang.foreign.MemorySegment;

/**
 * Bytes of the relay protocol that were written down, or that come from a relay, taken apart into frames. A handshake may come first: its
 * first word is never one that a frame's length could be.
 *
 * <p>Holds one frame at a time; a length field alone makes it allocate nothing. Not thread safe.
 */
final class Capture {
    private static final int BUFFER_LENGTH = 64 * 1024;
    /** The longer form of the handshake, and the length of the frame behind it. */
    private static final int BEGIN_LENGTH = Handshake.RANGE_FORM_LENGTH + FrameDescriptor.LENGTH_PREFIX;

    private final PushbackInputStream in;
    private long offset;
    private boolean ended;

    /** Takes apart a stream, which stays the caller's to close. */
    Capture(final InputStream in) {
        this.in = new PushbackInputStream(new BufferedInputStream(in, BUFFER_LENGTH), BEGIN_LENGTH);
    }

    /** A part of what was captured, at its offset from the begin in bytes. */
    sealed interface Item {
        /** {@return where it begins, in bytes} */
        long offset();
    }

    /** What a relay says first. */
    record Greeting(long offset, int length, IdRange range) implements Item {
    }

    /** A whole frame. Its body is not judged. */
    record Frame(long offset, int id, int flags, byte[] body) implements Item {
        /** {@return its length on the wire in bytes} */
        int length() {
            return FrameDescriptor.HEADER_LENGTH + body.length;
        }
    }

    /** Where the frames end before the bytes do, or the bytes before a frame does. The last item. */
    record Fault(long offset, String message) implements Item {
    }

    /**
     * Waits for the next part.
     *
     * @return the part, or null at the end
     */
    Item next() throws IOException {
        if (ended) {
            return null;
        }
        final Item item = offset == 0 ? readBegin() : readFrame();
        ended = item == null || item instanceof Fault;
        return item;
    }

    /** Tells whether more can be had without waiting. */
    boolean hasMore() throws IOException {
        return in.available() > 0;
    }

    private Item readBegin() throws IOException {
        final byte[] word = in.readNBytes(FrameDescriptor.LENGTH_PREFIX);
        in.unread(word);
        if (word.length < FrameDescriptor.LENGTH_PREFIX || isLength(word, 0)) {
            return readFrame();
        }
        final byte[] begin = in.readNBytes(BEGIN_LENGTH);
        final MemorySegment memory = MemorySegment.ofArray(begin);
        Greeting greeting = null;
        if (begin.length >= Handshake.RANGE_FORM_LENGTH) {
            final int length = Handshake.isOffsetForm(memory, 0) ? Handshake.OFFSET_FORM_LENGTH : Handshake.RANGE_FORM_LENGTH;
            final boolean fits = begin.length < length + FrameDescriptor.LENGTH_PREFIX || isLength(begin, length);
            greeting = fits ? greeting(memory, length) : null;
        }
        final int taken = greeting == null ? 0 : greeting.length;
        in.unread(begin, taken, begin.length - taken);
        offset = taken;
        return greeting == null ? readFrame() : greeting;
    }

    private static Greeting greeting(final MemorySegment memory, final int length) {
        try {
            return new Greeting(0, length, Handshake.decode(memory, 0));
        } catch (final ProtocolException | IllegalArgumentException e) {
            // What is there instead is said of the frame that begins there.
            return null;
        }
    }

    private static boolean isLength(final byte[] bytes, final int at) {
        return FrameError.ofLength(FrameDescriptor.length(MemorySegment.ofArray(bytes), at)) == FrameError.NONE;
    }

    private Item readFrame() throws IOException {
        final byte[] header = in.readNBytes(FrameDescriptor.HEADER_LENGTH);
        if (header.length == 0) {
            return null;
        }
        if (header.length < FrameDescriptor.LENGTH_PREFIX) {
            return new Fault(offset, "truncated: " + header.length + " bytes are there, and a frame has at least "
                + FrameDescriptor.HEADER_LENGTH);
        }
        final MemorySegment memory = MemorySegment.ofArray(header);
        final int length = FrameDescriptor.length(memory, 0);
        final FrameError error = FrameError.ofLength(length);
        if (error != FrameError.NONE) {
            return new Fault(offset, "broken: the length field says " + Integer.toUnsignedLong(length) + ", and a frame has "
                + FrameDescriptor.MIN_LENGTH + " to " + FrameDescriptor.MAX_LENGTH + ": where the next begins is not known");
        }
        final int bodyLength = length - FrameDescriptor.MIN_LENGTH;
        // In pieces, as they come.
        final byte[] body = header.length < FrameDescriptor.HEADER_LENGTH ? new byte[0] : in.readNBytes(bodyLength);
        if (header.length + body.length < FrameDescriptor.HEADER_LENGTH + bodyLength) {
            return new Fault(offset, "truncated: " + (header.length + body.length) + " bytes are there of a frame of "
                + (FrameDescriptor.HEADER_LENGTH + bodyLength)
                + (header.length < FrameDescriptor.HEADER_LENGTH ? ""
                    : " with id " + Integer.toUnsignedString(FrameDescriptor.id(memory, 0))));
        }
        final Frame frame = new Frame(offset, FrameDescriptor.id(memory, 0), FrameDescriptor.flags(memory, 0), body);
        offset += frame.length();
        return frame;
    }
}
