package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;

/**
 * Writes CBOR in place: definite lengths, shortest heads, as every known encoder of the protocol does.
 *
 * <p>A cursor over memory of the caller's, or over no memory at all: {@link #measure} makes a writer that only counts, for length fields
 * that come before what they count. Nothing is allocated, except by {@link #writeText(String)} for the bytes of a text that is not ASCII.
 * Not thread safe.
 */
public final class CborWriter {
    private static final int ASCII_LIMIT = 0x80;

    private MemorySegment memory;
    private long start;
    private long position;
    private long end;

    /** A writer that counts until it is given memory. */
    public CborWriter() {
        measure();
    }

    /**
     * Writes to memory from now on.
     *
     * @param memory where to
     * @param offset where the first byte goes
     * @param length how many bytes there is room for
     * @return this writer
     * @throws IndexOutOfBoundsException when the segment is smaller than that
     */
    public CborWriter wrap(final MemorySegment memory, final long offset, final long length) {
        if (offset < 0 || length < 0 || offset > memory.byteSize() - length) {
            throw new IndexOutOfBoundsException("wrap: offset=" + offset + " length=" + length + " byteSize=" + memory.byteSize());
        }
        this.memory = memory;
        this.start = offset;
        this.position = offset;
        this.end = offset + length;
        return this;
    }

    /**
     * Writes nothing and counts from now on.
     *
     * @return this writer
     */
    public CborWriter measure() {
        memory = null;
        start = 0;
        position = 0;
        end = Long.MAX_VALUE;
        return this;
    }

    /**
     * How much has been written, or counted.
     *
     * @return bytes since {@link #wrap} or {@link #measure}
     */
    public long written() {
        return position - start;
    }

    /**
     * Writes the head of an item.
     *
     * @param major    the major type, 0 to 7
     * @param argument its argument, an unsigned 64-bit number
     * @throws IndexOutOfBoundsException when there is no room for it; so for every other method that writes
     */
    public void writeHead(final int major, final long argument) {
        final long at = claim(CborDescriptor.headLength(argument));
        if (memory != null) {
            CborDescriptor.putHead(memory, at, major, argument);
        }
    }

    /**
     * Writes an unsigned integer.
     *
     * @param value the number, unsigned 64 bits
     */
    public void writeUnsigned(final long value) {
        writeHead(CborDescriptor.UNSIGNED, value);
    }

    /**
     * Writes a signed integer.
     *
     * @param value the number
     */
    public void writeSigned(final long value) {
        if (value < 0) {
            writeHead(CborDescriptor.NEGATIVE, ~value);
        } else {
            writeHead(CborDescriptor.UNSIGNED, value);
        }
    }

    /**
     * Writes a truth value.
     *
     * @param value the value
     */
    public void writeBoolean(final boolean value) {
        writeByte(value ? CborDescriptor.TRUE : CborDescriptor.FALSE);
    }

    /** Writes null. */
    public void writeNull() {
        writeByte(CborDescriptor.NULL);
    }

    /**
     * Writes the head of a map; its keys and values are to follow.
     *
     * @param pairs number of pairs
     */
    public void writeMapHead(final int pairs) {
        writeHead(CborDescriptor.MAP, pairs);
    }

    /**
     * Writes the head of an array; its items are to follow.
     *
     * @param items number of items
     */
    public void writeArrayHead(final int items) {
        writeHead(CborDescriptor.ARRAY, items);
    }

    /**
     * Writes a text string.
     *
     * @param text the text
     */
    public void writeText(final String text) {
        if (!isAscii(text)) {
            writeString(CborDescriptor.TEXT, ByteString.of(text));
            return;
        }
        final int length = text.length();
        writeHead(CborDescriptor.TEXT, length);
        final long at = claim(length);
        if (memory != null) {
            for (int i = 0; i < length; i++) {
                memory.set(CborDescriptor.BYTE, at + i, (byte) text.charAt(i));
            }
        }
    }

    /**
     * Writes a text string, or null.
     *
     * @param text the text, or null
     */
    public void writeTextOrNull(final String text) {
        if (text == null) {
            writeNull();
        } else {
            writeText(text);
        }
    }

    /**
     * Writes a name: as a text string, which is what peers expect, or as a byte string when the bytes are not UTF-8, which a text string
     * has to be.
     *
     * @param name the name
     */
    public void writeName(final ByteString name) {
        writeString(name.isUtf8() ? CborDescriptor.TEXT : CborDescriptor.BYTES, name);
    }

    /**
     * Writes a name, or null.
     *
     * @param name the name, or null
     */
    public void writeNameOrNull(final ByteString name) {
        if (name == null) {
            writeNull();
        } else {
            writeName(name);
        }
    }

    /**
     * Writes an unsigned integer, or null.
     *
     * @param value the number, unsigned 64 bits, or null
     */
    public void writeUnsignedOrNull(final Long value) {
        if (value == null) {
            writeNull();
        } else {
            writeUnsigned(value);
        }
    }

    /**
     * Writes a signed integer, or null.
     *
     * @param value the number, or null
     */
    public void writeSignedOrNull(final Number value) {
        if (value == null) {
            writeNull();
        } else {
            writeSigned(value.longValue());
        }
    }

    /**
     * Writes a byte string.
     *
     * @param bytes the bytes
     */
    public void writeBytes(final ByteString bytes) {
        writeString(CborDescriptor.BYTES, bytes);
    }

    /**
     * Writes a byte string.
     *
     * @param source where the bytes lie
     * @param offset where they start
     * @param length how many there are
     */
    public void writeBytes(final MemorySegment source, final long offset, final long length) {
        writeHead(CborDescriptor.BYTES, length);
        final long at = claim(length);
        if (memory != null) {
            MemorySegment.copy(source, offset, memory, at, length);
        }
    }

    private void writeString(final int major, final ByteString bytes) {
        writeHead(major, bytes.length());
        final long at = claim(bytes.length());
        if (memory != null) {
            bytes.copyTo(memory, at);
        }
    }

    private void writeByte(final int value) {
        final long at = claim(1);
        if (memory != null) {
            memory.set(CborDescriptor.BYTE, at, (byte) value);
        }
    }

    private long claim(final long length) {
        if (length > end - position) {
            throw new IndexOutOfBoundsException("no room: length=" + length + " position=" + position + " end=" + end);
        }
        final long at = position;
        position += length;
        return at;
    }

    private static boolean isAscii(final String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= ASCII_LIMIT) {
                return false;
            }
        }
        return true;
    }
}
