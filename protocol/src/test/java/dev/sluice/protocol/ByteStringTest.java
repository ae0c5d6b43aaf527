package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ByteStringTest {
    @Test
    void keepsBytesAsTheyAre() {
        final byte[] bytes = {0, -1, 'a', -61};
        final ByteString string = ByteString.copyOf(bytes);
        bytes[0] = 9;
        string.toByteArray()[1] = 9;
        assertArrayEquals(new byte[] {0, -1, 'a', -61}, string.toByteArray());
        assertEquals(4, string.length());
        assertEquals((byte) -1, string.byteAt(1));
        assertEquals(1, string.indexOf(0xFF));
        assertEquals(-1, string.indexOf('b'));
        assertEquals(ByteString.copyOf((byte) -1, (byte) 'a'), string.substring(1, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> string.substring(2, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> string.substring(3, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> string.byteAt(4));
        final MemorySegment memory = MemorySegment.ofArray(new byte[6]);
        string.copyTo(memory, 2);
        assertEquals(string, ByteString.copyOf(memory, 2, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> string.copyTo(memory, 3));
    }

    @Test
    void isAValue() {
        assertEquals(ByteString.of("x"), ByteString.copyOf((byte) 'x'));
        assertEquals(ByteString.of("x").hashCode(), ByteString.copyOf((byte) 'x').hashCode());
        assertNotEquals(ByteString.of("x"), ByteString.of("y"));
        assertTrue(ByteString.of("a").compareTo(ByteString.of("\u00e4")) < 0, "bytes compare unsigned");
        assertSame(ByteString.EMPTY, ByteString.of(""));
        assertTrue(ByteString.copyOf().isEmpty());
        assertFalse(ByteString.of("x").isEmpty());
    }

    @Test
    void knowsWhetherItIsText() {
        assertTrue(ByteString.of("plain").isUtf8());
        assertTrue(ByteString.of("h\u00e4h \ud83c\udf00").isUtf8());
        assertTrue(ByteString.EMPTY.isUtf8());
        assertFalse(ByteString.copyOf((byte) 0xFF).isUtf8());
        assertFalse(ByteString.copyOf((byte) 0xC3).isUtf8());
        assertFalse(ByteString.copyOf((byte) 0xED, (byte) 0xA0, (byte) 0x80).isUtf8(), "a surrogate");
        assertFalse(ByteString.copyOf((byte) 0xC0, (byte) 0x80).isUtf8(), "not the shortest form");
        assertEquals("\ufffd", ByteString.copyOf((byte) 0xFF).toString());
    }
}
