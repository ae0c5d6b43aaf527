package dev.sluice.protocol;

import static dev.sluice.protocol.CborDescriptor.ARRAY;
import static dev.sluice.protocol.CborDescriptor.BYTES;
import static dev.sluice.protocol.CborDescriptor.MAP;
import static dev.sluice.protocol.CborDescriptor.NEGATIVE;
import static dev.sluice.protocol.CborDescriptor.TAG;
import static dev.sluice.protocol.CborDescriptor.TEXT;
import static dev.sluice.protocol.CborDescriptor.UNSIGNED;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Reads CBOR where it lies: a cursor over memory of the caller's.
 *
 * <p>Accepts every well-formed item: definite and indefinite lengths, heads that are not the shortest, tags and floats where they can be
 * skipped. Nothing in the input makes it recurse, allocate by a number it read, or look at a byte more than a few times: a count that
 * the rest of the input cannot hold is an error at once, and nesting deeper than {@link #MAX_DEPTH} is one when skipped.
 *
 * <p>Strings are handed out as slices: {@link #sliceMemory}, {@link #sliceOffset}, {@link #sliceLength}. A string of indefinite length,
 * or a byte string written as an array of integers, does not lie in one piece; it is gathered in a buffer of the reader's own, the only
 * allocation there is besides objects asked for and errors. Not thread safe.
 */
public final class CborReader extends CborCursor {
    /** How deep items that are skipped may be nested. The messages of all generations have at most 4 levels. */
    public static final int MAX_DEPTH = 16;
    /** Count of a map or array whose end is marked by a break. */
    public static final long INDEFINITE = -1;

    /** A gathering buffer larger than this is not kept for the next input. */
    private static final int RETAINED_SCRATCH = 64 * 1024;
    /** What is due in a map of indefinite length that is skipped: a key or its break, or the value of a key. */
    private static final long INDEFINITE_KEY = -2;
    private static final long INDEFINITE_VALUE = -3;

    private MemorySegment sliceMemory = NOTHING;
    private long sliceOffset;
    private int sliceLength;
    private MemorySegment scratch = NOTHING;
    private long[] levels;

    /** A reader of nothing, until {@link #wrap}. */
    public CborReader() {
    }

    /**
     * Reads from memory from now on.
     *
     * @param memory where the items lie; stays the caller's and must not change while it is read
     * @param offset where the first item starts, in bytes
     * @param length how many bytes there are
     * @return this reader
     * @throws IndexOutOfBoundsException when the segment is smaller than that
     */
    public CborReader wrap(final MemorySegment memory, final long offset, final int length) {
        place(memory, offset, length);
        this.sliceMemory = NOTHING;
        this.sliceOffset = 0;
        this.sliceLength = 0;
        if (scratch.byteSize() > RETAINED_SCRATCH) {
            scratch = NOTHING;
        }
        return this;
    }

    /**
     * Where the next item starts.
     *
     * @return bytes from the start of the memory segment
     */
    public long position() {
        return position;
    }

    /**
     * How much is left.
     *
     * @return bytes, 0 at the end
     */
    public long remaining() {
        return end - position;
    }

    /**
     * Type of the next item, which stays unread.
     *
     * @return the major type, 0 to 7 as in {@link CborDescriptor}; 7 for a break too
     * @throws ProtocolException when nothing is left
     */
    public int peekMajor() throws ProtocolException {
        return peekByte() >>> CborDescriptor.MAJOR_SHIFT;
    }

    /**
     * Reads an unsigned integer.
     *
     * @param max the largest value allowed, unsigned
     * @return the number, 0 to max, unsigned
     * @throws ProtocolException when the next item is something else, or larger
     */
    public long readUnsigned(final long max) throws ProtocolException {
        readHead();
        if (major != UNSIGNED) {
            throw unexpected("an unsigned integer");
        }
        if (Long.compareUnsigned(argument, max) > 0) {
            throw error(Reason.OUT_OF_RANGE, "value=" + Long.toUnsignedString(argument) + " max=" + Long.toUnsignedString(max));
        }
        return argument;
    }

    /**
     * Reads an integer of a byte.
     *
     * @return 0 to 255
     * @throws ProtocolException when the next item is something else
     */
    public int readUint8() throws ProtocolException {
        return (int) readUnsigned(0xFFL);
    }

    /**
     * Reads an integer of two bytes.
     *
     * @return 0 to 65535
     * @throws ProtocolException when the next item is something else
     */
    public int readUint16() throws ProtocolException {
        return (int) readUnsigned(0xFFFFL);
    }

    /**
     * Reads an integer of four bytes.
     *
     * @return 0 to 4294967295
     * @throws ProtocolException when the next item is something else
     */
    public long readUint32() throws ProtocolException {
        return readUnsigned(0xFFFFFFFFL);
    }

    /**
     * Reads an integer of eight bytes.
     *
     * @return the number, unsigned
     * @throws ProtocolException when the next item is something else
     */
    public long readUint64() throws ProtocolException {
        return readUnsigned(-1L);
    }

    /**
     * Reads a signed integer of four bytes.
     *
     * @return the number
     * @throws ProtocolException when the next item is something else
     */
    public int readInt32() throws ProtocolException {
        return (int) readSigned(Integer.MAX_VALUE);
    }

    /**
     * Reads a signed integer of eight bytes.
     *
     * @return the number
     * @throws ProtocolException when the next item is something else
     */
    public long readInt64() throws ProtocolException {
        return readSigned(Long.MAX_VALUE);
    }

    private long readSigned(final long max) throws ProtocolException {
        readHead();
        if (major != UNSIGNED && major != NEGATIVE) {
            throw unexpected("an integer");
        }
        if (Long.compareUnsigned(argument, max) > 0) {
            throw error(
                Reason.OUT_OF_RANGE,
                (major == NEGATIVE ? "value=-1-" : "value=") + Long.toUnsignedString(argument) + " max=" + max);
        }
        return major == NEGATIVE ? ~argument : argument;
    }

    /**
     * Reads a truth value.
     *
     * @return the value
     * @throws ProtocolException when the next item is something else
     */
    public boolean readBoolean() throws ProtocolException {
        final int next = peekByte();
        if (next != CborDescriptor.TRUE && next != CborDescriptor.FALSE) {
            readHead();
            throw unexpected("a boolean");
        }
        position++;
        return next == CborDescriptor.TRUE;
    }

    /**
     * Reads a null if one is next.
     *
     * @return true when it was there and has been read
     * @throws ProtocolException when nothing is left
     */
    public boolean tryReadNull() throws ProtocolException {
        return tryRead(CborDescriptor.NULL);
    }

    /**
     * Reads the head of a map.
     *
     * @return number of pairs, or {@link #INDEFINITE}; either way what {@link #hasNext} needs
     * @throws ProtocolException when the next item is something else, or the input is too short for so many pairs
     */
    public long readMapHead() throws ProtocolException {
        readHead();
        if (major != MAP) {
            throw unexpected("a map");
        }
        return checkedCount(2);
    }

    /**
     * Reads the head of an array.
     *
     * @return number of items, or {@link #INDEFINITE}; either way what {@link #hasNext} needs
     * @throws ProtocolException when the next item is something else, or the input is too short for so many items
     */
    public long readArrayHead() throws ProtocolException {
        readHead();
        if (major != ARRAY) {
            throw unexpected("an array");
        }
        return checkedCount(1);
    }

    /**
     * Tells whether a map or array goes on, and reads its break if it does not.
     *
     * @param count what its head said
     * @param done  how many pairs or items have been read
     * @return true when one more follows
     * @throws ProtocolException when nothing is left
     */
    public boolean hasNext(final long count, final long done) throws ProtocolException {
        return count == INDEFINITE ? !tryRead(CborDescriptor.BREAK) : done < count;
    }

    /**
     * Reads a byte string, or an array of integers from 0 to 255 in its place, as a slice.
     *
     * @throws ProtocolException when the next item is something else
     */
    public void readBytes() throws ProtocolException {
        readHead();
        if (major == ARRAY) {
            gatherIntegers();
        } else if (major == BYTES) {
            readSlice();
        } else {
            throw unexpected("a byte string");
        }
    }

    /**
     * Reads a text string as a slice. Whether it is UTF-8 is not looked at.
     *
     * @throws ProtocolException when the next item is something else
     */
    public void readText() throws ProtocolException {
        readHead();
        if (major != TEXT) {
            throw unexpected("a text string");
        }
        readSlice();
    }

    /**
     * Memory that the slice read last lies in.
     *
     * @return the memory wrapped, or a buffer of this reader's that the next string not in one piece, or {@link #wrap}, overwrites
     */
    public MemorySegment sliceMemory() {
        return sliceMemory;
    }

    /**
     * Where the slice read last starts.
     *
     * @return bytes from the start of {@link #sliceMemory}
     */
    public long sliceOffset() {
        return sliceOffset;
    }

    /**
     * Length of the slice read last.
     *
     * @return bytes
     */
    public int sliceLength() {
        return sliceLength;
    }

    /**
     * Reads a byte string into an object of its own.
     *
     * @return a copy of the bytes
     * @throws ProtocolException when the next item is something else
     */
    public ByteString readByteString() throws ProtocolException {
        readBytes();
        return ByteString.copyOf(sliceMemory, sliceOffset, sliceLength);
    }

    /**
     * Reads a name: a text string, or a byte string as {@link CborWriter#writeName} writes for bytes that are not UTF-8.
     *
     * @return a copy of the bytes
     * @throws ProtocolException when the next item is something else
     */
    public ByteString readName() throws ProtocolException {
        readHead();
        if (major != TEXT && major != BYTES) {
            throw unexpected("a text string");
        }
        readSlice();
        return ByteString.copyOf(sliceMemory, sliceOffset, sliceLength);
    }

    /**
     * Reads a text string that is only shown.
     *
     * @return the text, with U+FFFD for what is not UTF-8
     * @throws ProtocolException when the next item is something else
     */
    public String readString() throws ProtocolException {
        readText();
        return sliceToString();
    }

    /**
     * Steps over the next item and all that is inside it.
     *
     * @throws ProtocolException when it is not well-formed, does not end, or is nested deeper than {@link #MAX_DEPTH}
     */
    public void skip() throws ProtocolException {
        int depth = 0;
        long due = 1;
        while (true) {
            while (due == 0 || (due == INDEFINITE || due == INDEFINITE_KEY) && tryRead(CborDescriptor.BREAK)) {
                if (depth == 0) {
                    return;
                }
                due = levels[--depth];
            }
            if (due > 0) {
                due--;
            } else if (due != INDEFINITE) {
                due = due == INDEFINITE_KEY ? INDEFINITE_VALUE : INDEFINITE_KEY;
            }
            final long inside = skipHead();
            if (inside != 0) {
                if (depth == MAX_DEPTH) {
                    throw error(Reason.TOO_DEEP, "nested deeper than " + MAX_DEPTH);
                }
                if (levels == null) {
                    levels = new long[MAX_DEPTH];
                }
                levels[depth++] = due;
                due = inside;
            }
        }
    }

    /** Steps over a head, and over the whole item unless others are inside it; returns how many those are. */
    private long skipHead() throws ProtocolException {
        readHead();
        switch (major) {
            case BYTES, TEXT -> {
                if (indefinite()) {
                    walkChunks(null);
                } else {
                    position += checkedLength();
                }
                return 0;
            }
            case ARRAY -> {
                return checkedCount(1);
            }
            case MAP -> {
                final long pairs = checkedCount(2);
                return pairs == INDEFINITE ? INDEFINITE_KEY : 2 * pairs;
            }
            case TAG -> {
                return 1;
            }
            default -> {
                return 0;
            }
        }
    }

    String sliceToString() {
        final byte[] bytes = new byte[sliceLength];
        MemorySegment.copy(sliceMemory, ValueLayout.JAVA_BYTE, sliceOffset, bytes, 0, sliceLength);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void readSlice() throws ProtocolException {
        if (!indefinite()) {
            sliceLength = checkedLength();
            sliceMemory = memory;
            sliceOffset = position;
            position += sliceLength;
            return;
        }
        final long first = position;
        final int length = walkChunks(null);
        reserveScratch(length);
        position = first;
        walkChunks(scratch);
        sliceScratch(length);
    }

    /** Walks over the chunks of a string of indefinite length to behind its break, and copies them if there is somewhere to. */
    private int walkChunks(final MemorySegment target) throws ProtocolException {
        final int whole = major;
        int total = 0;
        while (!tryRead(CborDescriptor.BREAK)) {
            readHead();
            if (major != whole || indefinite()) {
                throw error(Reason.MALFORMED, "a string of indefinite length holds something else than strings of its type");
            }
            final int length = checkedLength();
            if (target != null) {
                MemorySegment.copy(memory, position, target, total, length);
            }
            total += length;
            position += length;
        }
        major = whole;
        return total;
    }

    private void gatherIntegers() throws ProtocolException {
        final long count = checkedCount(1);
        final long first = position;
        int length = 0;
        while (hasNext(count, length)) {
            readUint8();
            length++;
        }
        reserveScratch(length);
        position = first;
        for (int i = 0; hasNext(count, i); i++) {
            scratch.set(CborDescriptor.BYTE, i, (byte) readUint8());
        }
        sliceScratch(length);
    }

    private void reserveScratch(final int length) {
        if (scratch.byteSize() < length) {
            scratch = MemorySegment.ofArray(new byte[length]);
        }
    }

    private void sliceScratch(final int length) {
        sliceMemory = scratch;
        sliceOffset = 0;
        sliceLength = length;
    }
}
