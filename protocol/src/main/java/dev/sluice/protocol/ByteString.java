package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Immutable bytes. What Linux calls by name (programs, arguments, environment, paths, users) is bytes without an encoding, and stays so
 * from end to end; as text it is only ever shown.
 */
public final class ByteString implements Comparable<ByteString> {
    /** No bytes. */
    public static final ByteString EMPTY = new ByteString(new byte[0]);

    private final byte[] bytes;

    private ByteString(final byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The UTF-8 bytes of a text.
     *
     * @param text any text; an unpaired surrogate becomes a question mark
     * @return its bytes
     */
    public static ByteString of(final String text) {
        return text.isEmpty() ? EMPTY : new ByteString(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A copy of bytes.
     *
     * @param bytes the bytes; stay the caller's
     * @return the copy
     */
    public static ByteString copyOf(final byte... bytes) {
        return bytes.length == 0 ? EMPTY : new ByteString(bytes.clone());
    }

    /**
     * A copy of bytes in a segment.
     *
     * @param memory where they lie
     * @param offset where they start, in bytes
     * @param length how many there are
     * @return the copy
     * @throws IndexOutOfBoundsException when the segment does not hold them all
     */
    public static ByteString copyOf(final MemorySegment memory, final long offset, final int length) {
        if (length == 0) {
            return EMPTY;
        }
        final byte[] copy = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, copy, 0, length);
        return new ByteString(copy);
    }

    /**
     * How many bytes there are.
     *
     * @return the length in bytes
     */
    public int length() {
        return bytes.length;
    }

    /**
     * Tells whether there are no bytes.
     *
     * @return true when the length is 0
     */
    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /**
     * One byte.
     *
     * @param index which, from 0
     * @return the byte, -128 to 127
     * @throws IndexOutOfBoundsException when there is no such byte
     */
    public byte byteAt(final int index) {
        return bytes[index];
    }

    /**
     * Looks for a byte.
     *
     * @param value the byte, 0 to 255
     * @return where it is first, or -1
     */
    public int indexOf(final int value) {
        for (int i = 0; i < bytes.length; i++) {
            if ((bytes[i] & 0xFF) == value) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Part of the bytes.
     *
     * @param start where it starts
     * @param end   where it ends, exclusive
     * @return the part, a copy
     * @throws IndexOutOfBoundsException when there is no such part
     */
    public ByteString substring(final int start, final int end) {
        if (start < 0 || end > bytes.length || start > end) {
            throw new IndexOutOfBoundsException("substring: start=" + start + " end=" + end + " length=" + bytes.length);
        }
        return start == end ? EMPTY : new ByteString(Arrays.copyOfRange(bytes, start, end));
    }

    /**
     * A copy of the bytes.
     *
     * @return a new array, the caller's
     */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /**
     * Copies all bytes to a segment.
     *
     * @param memory where to
     * @param offset where they are to start, in bytes
     * @throws IndexOutOfBoundsException when the segment has no room for them
     */
    public void copyTo(final MemorySegment memory, final long offset) {
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    /**
     * Tells whether the bytes are well-formed UTF-8, so that {@link #toString} loses nothing.
     *
     * @return true when they are
     */
    public boolean isUtf8() {
        for (final byte value : bytes) {
            if (value < 0) {
                return decodes();
            }
        }
        return true;
    }

    private boolean decodes() {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (final CharacterCodingException e) {
            return false;
        }
    }

    /**
     * Compares byte by byte, taken as unsigned.
     *
     * @param other the bytes to compare with
     * @return below, at or above 0
     */
    @Override
    public int compareTo(final ByteString other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof ByteString && Arrays.equals(bytes, ((ByteString) other).bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /**
     * The bytes as text, for people.
     *
     * @return the bytes decoded as UTF-8, with U+FFFD for what is not
     */
    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
