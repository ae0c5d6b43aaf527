package dev.sluice.fuzz;

import static dev.sluice.fuzz.Promise.check;
import static dev.sluice.fuzz.Promise.same;

import dev.sluice.protocol.CborReader;
import dev.sluice.protocol.CborWriter;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The CBOR codec on arbitrary bytes: every method of the reader gives a value or the typed exception; stepping over an item and reading it
 * agree on where it ends, which is where the specification says; what is read is written, read and written again without a change; and an
 * independent decoder reads the same.
 *
 * <p>Input: the bytes.
 */
public final class CborTarget {
    private static final int MAX_INPUT = 4096;
    private static final CborReader READER = new CborReader();
    private static final CborWriter WRITER = new CborWriter();

    /** One method of the reader. */
    private interface Read {
        void from(CborReader reader) throws ProtocolException;
    }

    private static final Read[] READS = {
        CborReader::readUint8, CborReader::readUint16, CborReader::readUint32, CborReader::readUint64, CborReader::readInt32,
        CborReader::readInt64, CborReader::readBoolean, CborReader::tryReadNull, CborReader::readMapHead, CborReader::readArrayHead,
        CborReader::readBytes, CborReader::readText, CborReader::readName, CborReader::readByteString, CborReader::readString,
        CborReader::peekMajor
    };

    /** Why the input's first item cannot be stepped over, or null. */
    private static ProtocolException refusal;

    private CborTarget() {
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(CborTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param input the input
     */
    public static void fuzzerTestOneInput(final byte[] input) {
        if (input.length > MAX_INPUT) {
            return;
        }
        final MemorySegment memory = MemorySegment.ofArray(input);
        for (final Read read : READS) {
            tryRead(memory, input.length, read);
        }
        refusal = null;
        final long end = skip(memory, input.length);
        check(end == WellFormed.end(input) || end < 0 && refusal.reason() == Reason.TOO_DEEP,
            "what is well-formed can be stepped over, and nothing else");
        CborTree tree = null;
        try {
            final CborReader reader = READER.wrap(memory, 0, input.length);
            tree = CborTree.read(reader, memory, 0);
            // A tag is a level for stepping over, and none here: an item in it may be too deep for the one and not for the other.
            check(end == reader.position() || refusal.reason() == Reason.TOO_DEEP && !CborTree.isWritable(tree),
                "where the item ends, stepped over and read");
        } catch (final ProtocolException e) {
            checkPlace(e, input.length);
            check(end < 0, "an item that can be stepped over can be read: " + e.getMessage());
        } catch (final CborTree.TooDeepException e) {
            check(end < 0, "stepping over refuses what is nested too deep");
        }
        if (tree != null) {
            JacksonCbor.compare(input, tree);
            checkRoundTrip(tree);
        }
    }

    private static void tryRead(final MemorySegment memory, final int length, final Read read) {
        final CborReader reader = READER.wrap(memory, 0, length);
        try {
            read.from(reader);
            check(reader.sliceOffset() >= 0 && reader.sliceLength() >= 0
                && reader.sliceOffset() + reader.sliceLength() <= reader.sliceMemory().byteSize(), "slice within its memory");
            check(reader.sliceLength() <= length, "a slice is not longer than the input");
        } catch (final ProtocolException e) {
            checkPlace(e, length);
        }
        check(reader.position() >= 0 && reader.position() <= length && reader.remaining() == length - reader.position(), "position");
    }

    private static void checkPlace(final ProtocolException e, final int length) {
        check(e.offset() >= 0 && e.offset() <= length, "place of the error");
        check(e.getMessage() != null && e.reason() != null, "the typed exception says what is wrong");
    }

    /** Returns where the first item ends, or -1 when it cannot be stepped over. */
    private static long skip(final MemorySegment memory, final int length) {
        final CborReader reader = READER.wrap(memory, 0, length);
        try {
            reader.skip();
            check(reader.position() > 0 && reader.position() <= length, "stepping over moves on, and not beyond the input");
            return reader.position();
        } catch (final ProtocolException e) {
            checkPlace(e, length);
            refusal = e;
            return -1;
        }
    }

    private static void checkRoundTrip(final CborTree tree) {
        if (!CborTree.isWritable(tree)) {
            return;
        }
        final byte[] written = write(tree);
        final MemorySegment memory = MemorySegment.ofArray(written);
        try {
            final CborReader reader = READER.wrap(memory, 0, written.length);
            final CborTree again = CborTree.read(reader, memory, 0);
            same(0, reader.remaining(), "bytes behind what was written");
            check(tree.equals(again), "what was written reads as the same");
            check(Arrays.equals(written, write(again)), "written again it is the same bytes");
        } catch (final ProtocolException | CborTree.TooDeepException e) {
            throw new AssertionError("what was written cannot be read", e);
        }
        same(written.length, skip(memory, written.length), "where what was written ends");
    }

    private static byte[] write(final CborTree tree) {
        CborTree.write(WRITER.measure(), tree);
        final byte[] written = new byte[(int) WRITER.written()];
        CborTree.write(WRITER.wrap(MemorySegment.ofArray(written), 0, written.length), tree);
        same(written.length, WRITER.written(), "measured and written length");
        return written;
    }
}
