package dev.sluice.fuzz;

import static dev.sluice.fuzz.Promise.check;

import dev.sluice.protocol.FrameAssembler;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FrameError;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Handshake;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.IdRange;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;

/**
 * What a client reads first: either form of the handshake, then frames. Whatever comes is a range of ids that cannot go wrong, or the typed
 * exception; the frames behind it start where the form says.
 *
 * <p>Input: the relay's bytes.
 */
public final class HandshakeTarget {
    private static final FrameAssembler ASSEMBLER = new FrameAssembler();
    private static final MemorySegment WRITTEN = MemorySegment.ofArray(new byte[Handshake.RANGE_FORM_LENGTH]);
    private static final long LARGEST_ID = 0xFFFFFFFFL;

    private static int bodies;

    private HandshakeTarget() {
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(HandshakeTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param input the input
     */
    public static void fuzzerTestOneInput(final byte[] input) {
        if (input.length < Handshake.RANGE_FORM_LENGTH) {
            return;
        }
        final MemorySegment memory = MemorySegment.ofArray(input);
        final boolean offsetForm = Handshake.isOffsetForm(memory, 0);
        final IdRange range;
        try {
            range = Handshake.decode(memory, 0);
        } catch (final ProtocolException e) {
            check(e.reason() == ProtocolException.Reason.OUT_OF_RANGE && e.offset() == 0, "kind and place of the error");
            return;
        }
        check(range.start() > IdGrid.CONTROL_ID && range.start() < range.endExclusive() && range.endExclusive() <= LARGEST_ID, "range");
        check(range.contains((int) range.start()) && range.contains((int) (range.endExclusive() - 1)), "ids of the range");
        check(!range.contains((int) (range.start() - 1)) && !range.contains((int) range.endExclusive()), "ids beside the range");
        if (offsetForm) {
            Handshake.encodeOffsetForm(WRITTEN, 0, range);
            MemorySegment.copy(memory, Handshake.OFFSET_FORM_LENGTH, WRITTEN, Handshake.OFFSET_FORM_LENGTH, Integer.BYTES);
        } else {
            Handshake.encodeRangeForm(WRITTEN, 0, range);
        }
        check(Handshake.isOffsetForm(WRITTEN, 0) == offsetForm, "what was decoded is written in the same form");
        check(range.equals(decode(WRITTEN)), "what was decoded is written as the same range");
        readFrames(memory, offsetForm ? Handshake.OFFSET_FORM_LENGTH : Handshake.RANGE_FORM_LENGTH);
    }

    private static IdRange decode(final MemorySegment memory) {
        try {
            return Handshake.decode(memory, 0);
        } catch (final ProtocolException e) {
            throw new AssertionError("a range that was decoded cannot be decoded again", e);
        }
    }

    private static void readFrames(final MemorySegment memory, final int start) {
        ASSEMBLER.reset();
        bodies = 0;
        final FrameError error = ASSEMBLER.append(memory, start, (int) memory.byteSize() - start, HandshakeTarget::onFrame);
        check(start == Handshake.RANGE_FORM_LENGTH || error == FrameError.NONE || bodies > 0, "the form's second word is a good length");
    }

    private static void onFrame(final int id, final int flags, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        bodies++;
        check(bodyLength <= FrameDescriptor.MAX_BODY_LENGTH, "body length");
        try {
            check(Frames.decode(memory, bodyOffset, bodyLength) != null, "a message or the typed exception");
        } catch (final ProtocolException e) {
            check(e.getMessage() != null, "the typed exception says what is wrong");
        }
    }
}
