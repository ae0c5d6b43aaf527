package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;

/**
 * Names of the fields of one struct, found by index. Immutable.
 */
final class StructFields {
    /** Index of a key that is none of these fields. */
    static final int UNKNOWN = -1;

    private final String[] names;
    private final byte[][] bytes;

    private StructFields(final String[] names) {
        if (names.length > Integer.SIZE) {
            throw new IllegalArgumentException("fields: count=" + names.length);
        }
        this.names = names;
        this.bytes = new byte[names.length][];
        for (int i = 0; i < names.length; i++) {
            bytes[i] = ByteString.of(names[i]).toByteArray();
        }
    }

    static StructFields of(final String... names) {
        return new StructFields(names);
    }

    String name(final int index) {
        return names[index];
    }

    int count() {
        return names.length;
    }

    /** Reads the key that is next, of any type, and makes it the reader's field; returns its index or {@link #UNKNOWN}. */
    int readKey(final CborReader reader) throws ProtocolException {
        reader.field("");
        if (reader.peekMajor() != CborDescriptor.TEXT) {
            reader.skip();
            return UNKNOWN;
        }
        reader.readText();
        final int index = find(reader.sliceMemory(), reader.sliceOffset(), reader.sliceLength());
        if (index != UNKNOWN) {
            reader.field(names[index]);
        }
        return index;
    }

    private int find(final MemorySegment memory, final long offset, final int length) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i].length == length && matches(bytes[i], memory, offset)) {
                return i;
            }
        }
        return UNKNOWN;
    }

    private static boolean matches(final byte[] name, final MemorySegment memory, final long offset) {
        for (int i = 0; i < name.length; i++) {
            if (memory.get(CborDescriptor.BYTE, offset + i) != name[i]) {
                return false;
            }
        }
        return true;
    }
}
