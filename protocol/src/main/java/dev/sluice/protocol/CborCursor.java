package dev.sluice.protocol;

import static dev.sluice.protocol.CborDescriptor.BYTES;
import static dev.sluice.protocol.CborDescriptor.MAP;
import static dev.sluice.protocol.CborDescriptor.SIMPLE;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;

/**
 * A place in CBOR and the head read last: the part of {@link CborReader} that knows how heads are written and what the rest of the input
 * can hold, and nothing of items.
 */
abstract sealed class CborCursor permits CborReader {
    static final MemorySegment NOTHING = MemorySegment.ofArray(new byte[0]);

    private static final String[] MAJOR_NAMES = {
        "an unsigned integer", "a negative integer", "a byte string", "a text string", "an array", "a map", "a tag", "a simple value"};

    MemorySegment memory = NOTHING;
    long position;
    long end;
    private String field = "";

    private long headOffset;
    int major;
    private int info;
    long argument;

    CborCursor() {
    }

    final void place(final MemorySegment in, final long offset, final int length) {
        if (offset < 0 || length < 0 || offset > in.byteSize() - length) {
            throw new IndexOutOfBoundsException("wrap: offset=" + offset + " length=" + length + " byteSize=" + in.byteSize());
        }
        memory = in;
        position = offset;
        end = offset + length;
        field = "";
    }

    /** Name of the field that is read from now on, for errors; "" for none. */
    final void field(final String name) {
        field = name;
    }

    /** An error at the head read last. */
    final ProtocolException error(final Reason reason, final String detail) {
        return new ProtocolException(reason, field, headOffset, detail);
    }

    final int peekByte() throws ProtocolException {
        if (position >= end) {
            headOffset = position;
            throw error(Reason.TRUNCATED, "the input ends where an item is due");
        }
        return memory.get(CborDescriptor.BYTE, position) & 0xFF;
    }

    final boolean tryRead(final int value) throws ProtocolException {
        if (peekByte() != value) {
            return false;
        }
        position++;
        return true;
    }

    final void readHead() throws ProtocolException {
        final int initial = peekByte();
        headOffset = position;
        major = initial >>> CborDescriptor.MAJOR_SHIFT;
        info = initial & CborDescriptor.INFO_MASK;
        position++;
        if (info < CborDescriptor.INFO_UINT8) {
            argument = info;
            return;
        }
        switch (info) {
            case CborDescriptor.INFO_UINT8 -> {
                need(1);
                argument = memory.get(CborDescriptor.BYTE, position) & 0xFFL;
                position += 1;
            }
            case CborDescriptor.INFO_UINT16 -> {
                need(2);
                argument = memory.get(CborDescriptor.SHORT, position) & 0xFFFFL;
                position += 2;
            }
            case CborDescriptor.INFO_UINT32 -> {
                need(4);
                argument = memory.get(CborDescriptor.INT, position) & 0xFFFFFFFFL;
                position += 4;
            }
            case CborDescriptor.INFO_UINT64 -> {
                need(8);
                argument = memory.get(CborDescriptor.LONG, position);
                position += 8;
            }
            case CborDescriptor.INFO_INDEFINITE -> {
                if (major < BYTES || major > MAP) {
                    throw error(Reason.MALFORMED, major == SIMPLE ? "a break where an item is due" : "no indefinite length here");
                }
                argument = 0;
            }
            default -> throw error(Reason.MALFORMED, "reserved head: byte=" + initial);
        }
        if (major == SIMPLE && info == CborDescriptor.INFO_UINT8 && argument < 32) {
            throw error(Reason.MALFORMED, "reserved simple value: value=" + argument);
        }
    }

    private void need(final int bytes) throws ProtocolException {
        if (end - position < bytes) {
            throw error(Reason.TRUNCATED, "the input ends inside a head");
        }
    }

    final boolean indefinite() {
        return info == CborDescriptor.INFO_INDEFINITE;
    }

    /** Argument of the head read last as the length of a string that the rest of the input holds. */
    final int checkedLength() throws ProtocolException {
        if (Long.compareUnsigned(argument, end - position) > 0) {
            throw error(
                Reason.TRUNCATED, "string beyond the input: length=" + Long.toUnsignedString(argument) + " remaining=" + (end - position));
        }
        return (int) argument;
    }

    /** Argument of the head read last as a count of things that the rest of the input can hold. */
    final long checkedCount(final int leastBytes) throws ProtocolException {
        if (indefinite()) {
            return CborReader.INDEFINITE;
        }
        if (Long.compareUnsigned(argument, (end - position) / leastBytes) > 0) {
            throw error(
                Reason.TRUNCATED, "items beyond the input: count=" + Long.toUnsignedString(argument) + " remaining=" + (end - position));
        }
        return argument;
    }

    /** An error: the head read last is of another type. */
    final ProtocolException unexpected(final String wanted) {
        return error(Reason.UNEXPECTED_TYPE, "expected " + wanted + ", found " + MAJOR_NAMES[major]);
    }
}
