package dev.sluice.fuzz;

import static dev.sluice.fuzz.Promise.check;
import static dev.sluice.fuzz.Promise.same;

import dev.sluice.protocol.FrameAssembler;
import dev.sluice.protocol.FrameDecoder;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FrameError;
import java.lang.foreign.MemorySegment;

/**
 * The stream of frames: {@link FrameDecoder} and {@link FrameAssembler}, each given the stream whole and split anywhere, have to find the
 * same frames and the same error as a plain loop over the bytes, and headers and slices have to rebuild the input.
 *
 * <p>Input: one byte that says how the stream is split, then the stream.
 */
public final class FrameDecoderTarget {
    private static final int MAX_INPUT = 4096;
    private static final int MAX_FRAMES = MAX_INPUT / FrameDescriptor.HEADER_LENGTH + 1;
    private static final int WHOLE = Integer.MAX_VALUE;

    private static final FrameDecoder DECODER = new FrameDecoder();
    private static final FrameAssembler ASSEMBLER = new FrameAssembler();
    private static final byte[] REBUILT = new byte[MAX_INPUT];
    private static final MemorySegment REBUILT_MEMORY = MemorySegment.ofArray(REBUILT);

    /** What the plain loop found: where each frame starts, and what is behind the last. */
    private static final int[] STARTS = new int[MAX_FRAMES];
    private static int frames;
    private static int end;
    private static FrameError error;

    private static byte[] bytes;
    private static MemorySegment stream;
    private static int assembled;
    private static long random;

    private FrameDecoderTarget() {
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(FrameDecoderTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param input the input
     */
    public static void fuzzerTestOneInput(final byte[] input) {
        if (input.length == 0 || input.length > MAX_INPUT) {
            return;
        }
        bytes = input;
        stream = MemorySegment.ofArray(input).asSlice(1);
        parse();
        decode(WHOLE);
        decode(1 + (input[0] & 0x3F));
        assemble(WHOLE);
        assemble(1 + (input[0] & 0x3F));
    }

    private static void parse() {
        final int length = bytes.length - 1;
        int at = 0;
        frames = 0;
        error = FrameError.NONE;
        while (length - at >= FrameDescriptor.LENGTH_PREFIX) {
            final long frameLength = (bytes[at + 1] & 0xFFL) << 24 | (bytes[at + 2] & 0xFF) << 16 | (bytes[at + 3] & 0xFF) << 8
                | bytes[at + 4] & 0xFF;
            if (frameLength < FrameDescriptor.MIN_LENGTH || frameLength > FrameDescriptor.MAX_LENGTH) {
                error = frameLength < FrameDescriptor.MIN_LENGTH ? FrameError.TOO_SHORT : FrameError.TOO_LONG;
                break;
            }
            if (frameLength > length - at - FrameDescriptor.LENGTH_PREFIX) {
                break;
            }
            STARTS[frames++] = at;
            at += FrameDescriptor.LENGTH_PREFIX + (int) frameLength;
        }
        end = at;
    }

    /** Length of the next piece: up to a limit, from a generator that the input's first byte seeds. */
    private static int piece(final int limit, final int remaining) {
        if (limit == WHOLE) {
            return remaining;
        }
        random = random * 6364136223846793005L + 1442695040888963407L;
        return Math.min(remaining, 1 + (int) ((random >>> 33) % limit));
    }

    private static void decode(final int pieceLimit) {
        random = bytes[0];
        DECODER.reset();
        final int length = bytes.length - 1;
        int rebuilt = 0;
        int found = 0;
        for (int at = 0; at < length && DECODER.error() == FrameError.NONE; ) {
            final int pieceEnd = at + piece(pieceLimit, length - at);
            while (DECODER.error() == FrameError.NONE && (at < pieceEnd || DECODER.headerComplete() && DECODER.bodyRemaining() == 0)) {
                final int moved;
                if (DECODER.headerComplete()) {
                    moved = Math.min(DECODER.bodyRemaining(), pieceEnd - at);
                    MemorySegment.copy(stream, at, REBUILT_MEMORY, rebuilt, moved);
                    rebuilt += moved;
                    at += moved;
                    DECODER.bodyTaken(moved);
                    if (DECODER.atFrameBoundary()) {
                        checkFrame(found++);
                    }
                } else {
                    moved = DECODER.takeHeader(stream, at, pieceEnd - at);
                    check(moved > 0 && moved <= FrameDescriptor.HEADER_LENGTH, "bytes of a header are taken as they come");
                    at += moved;
                    if (DECODER.headerComplete()) {
                        MemorySegment.copy(DECODER.header(), 0, REBUILT_MEMORY, rebuilt, FrameDescriptor.HEADER_LENGTH);
                        rebuilt += FrameDescriptor.HEADER_LENGTH;
                    }
                }
            }
        }
        same(frames, found, "frames decoded");
        check(DECODER.error() == error, "error of the decoder");
        check(MemorySegment.mismatch(stream, 0, rebuilt, REBUILT_MEMORY, 0, rebuilt) < 0, "headers and slices rebuild the input");
        check(rebuilt >= end, "every byte of a whole frame is handed out");
        check(error != FrameError.NONE || DECODER.atFrameBoundary() == (end == length), "where the stream may end");
        same(0, error == FrameError.NONE ? 0 : DECODER.takeHeader(stream, 0, length), "bytes taken after an error");
    }

    private static void checkFrame(final int index) {
        check(index < frames, "a frame that is not there");
        same(FrameDescriptor.id(stream, STARTS[index]), DECODER.id(), "id");
        same(FrameDescriptor.flags(stream, STARTS[index]), DECODER.flags(), "flags");
        same((index + 1 < frames ? STARTS[index + 1] : end) - STARTS[index], DECODER.frameLength(), "length of a frame");
    }

    private static void assemble(final int pieceLimit) {
        random = bytes[0];
        ASSEMBLER.reset();
        assembled = 0;
        final int length = bytes.length - 1;
        FrameError found = FrameError.NONE;
        for (int at = 0; at < length; ) {
            final int piece = piece(pieceLimit, length - at);
            found = ASSEMBLER.append(stream, at, piece, FrameDecoderTarget::onFrame);
            at += piece;
            check(ASSEMBLER.bufferLength() <= FrameAssembler.RETAINED_LENGTH, "a length field alone makes nobody allocate");
        }
        same(frames, assembled, "frames assembled");
        check(found == error, "error of the assembler");
        check(error != FrameError.NONE || ASSEMBLER.heldBytes() == length - end, "bytes held of an unfinished frame");
    }

    private static void onFrame(final int id, final int flags, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        check(assembled < frames, "a frame that is not there");
        final int start = STARTS[assembled];
        same(FrameDescriptor.id(stream, start), id, "id");
        same(FrameDescriptor.flags(stream, start), flags, "flags");
        final int bodyStart = start + FrameDescriptor.HEADER_LENGTH;
        same((assembled + 1 < frames ? STARTS[assembled + 1] : end) - bodyStart, bodyLength, "length of a body");
        check(MemorySegment.mismatch(stream, bodyStart, bodyStart + bodyLength, memory, bodyOffset, bodyOffset + bodyLength) < 0, "body");
        assembled++;
    }
}
