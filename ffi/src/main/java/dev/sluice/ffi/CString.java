package dev.sluice.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * C strings and vectors of them. Linux's paths, arguments and environments are bytes without NUL, in no particular encoding.
 */
public final class CString {
    private CString() {
    }

    /**
     * Copies bytes and ends them with NUL.
     *
     * @param allocator where the copy lives
     * @param bytes without NUL
     * @return the C string
     * @throws IllegalArgumentException if a byte is NUL: the string would end there, silently
     */
    public static MemorySegment of(final SegmentAllocator allocator, final byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                throw new IllegalArgumentException("NUL in a C string: index=" + i + " length=" + bytes.length);
            }
        }
        final MemorySegment string = allocator.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, string, JAVA_BYTE, 0, bytes.length);
        string.set(JAVA_BYTE, bytes.length, (byte) 0);
        return string;
    }

    /**
     * Copies the UTF-8 form of a string and ends it with NUL.
     *
     * @param allocator where the copy lives
     * @param string without NUL
     * @return the C string
     * @throws IllegalArgumentException if a character is NUL
     */
    public static MemorySegment of(final SegmentAllocator allocator, final String string) {
        return of(allocator, string.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Makes a NULL-terminated vector of C strings, as {@code argv} and {@code envp} are.
     *
     * @param allocator where the copies live
     * @param strings each without NUL
     * @return the vector
     * @throws IllegalArgumentException if a byte is NUL
     */
    public static MemorySegment vector(final SegmentAllocator allocator, final List<byte[]> strings) {
        final MemorySegment vector = allocator.allocate(ADDRESS.byteSize() * (strings.size() + 1L), ADDRESS.byteAlignment());
        long offset = 0;
        for (final byte[] string : strings) {
            vector.set(JAVA_LONG, offset, of(allocator, string).address());
            offset += ADDRESS.byteSize();
        }
        vector.set(JAVA_LONG, offset, 0L);
        return vector;
    }
}
