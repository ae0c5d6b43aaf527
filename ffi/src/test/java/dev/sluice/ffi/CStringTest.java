package dev.sluice.ffi;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class CStringTest {
    @Test
    void bytesAreKeptAndEnded() {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] odd = {(byte) 0xff, 'a'};
            assertArrayEquals(new byte[] {(byte) 0xff, 'a', 0}, CString.of(arena, odd).toArray(JAVA_BYTE));
            assertArrayEquals(new byte[] {0}, CString.of(arena, "").toArray(JAVA_BYTE));
            assertArrayEquals(new byte[] {(byte) 0xc3, (byte) 0xa4, 0}, CString.of(arena, "ä").toArray(JAVA_BYTE));
        }
    }

    @Test
    @SuppressWarnings("restricted")
    void aVectorPointsToItsStringsAndEndsWithNull() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment vector = CString.vector(arena, List.of("one".getBytes(), "two".getBytes()));
            assertEquals(24, vector.byteSize());
            assertEquals("one", MemorySegment.ofAddress(vector.get(JAVA_LONG, 0)).reinterpret(4).getString(0));
            assertEquals("two", MemorySegment.ofAddress(vector.get(JAVA_LONG, 8)).reinterpret(4).getString(0));
            assertEquals(0, vector.get(JAVA_LONG, 16));
        }
    }

    @Test
    void aStringThatWouldBeCutIsRefused() {
        try (Arena arena = Arena.ofConfined()) {
            final Exception e = assertThrows(IllegalArgumentException.class, () -> CString.of(arena, "ab\0c"));
            assertEquals("NUL in a C string: index=2 length=4", e.getMessage());
        }
    }
}
