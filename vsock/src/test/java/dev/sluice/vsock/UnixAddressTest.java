package dev.sluice.vsock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UnixAddressTest {
    @Test
    void isFamilyThenPathThenNul() {
        try (Arena arena = Arena.ofConfined()) {
            assertArrayEquals(
                new byte[] {1, 0, '/', 'a', '/', 'b', 0}, UnixAddress.of(Path.of("/a/b")).toSockaddr(arena).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void longestPathIsAllowedAndOneMoreIsNot() {
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(110, new UnixAddress("x".repeat(107)).toSockaddr(arena).byteSize());
        }
        final String message = assertThrows(IllegalArgumentException.class, () -> new UnixAddress("x".repeat(108))).getMessage();
        assertTrue(message.contains("length=108 most=107"), message);
    }

    @Test
    void lengthCountsBytesNotCharacters() {
        assertThrows(IllegalArgumentException.class, () -> new UnixAddress("\u00e4".repeat(54)));
    }

    @Test
    void emptyAndNulAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new UnixAddress(""));
        assertThrows(IllegalArgumentException.class, () -> new UnixAddress("/a\0b"));
    }
}
