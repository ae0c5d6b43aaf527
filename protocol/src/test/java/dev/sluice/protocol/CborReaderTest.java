package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ProtocolException.Reason;
import dev.sluice.testsupport.TimeLimit;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CborReaderTest {
    private static final int MILLION = 1_000_000;

    @ParameterizedTest
    @CsvSource({
        "00, 0", "17, 23", "1800, 0", "1818, 24", "18ff, 255", "190100, 256", "19ffff, 65535", "1a00010000, 65536",
        "1affffffff, 4294967295", "1b0000000100000000, 4294967296", "1bffffffffffffffff, 18446744073709551615"})
    void readsUnsignedIntegers(final String hex, final String value) throws ProtocolException {
        final CborReader reader = reader(hex);
        assertEquals(value, Long.toUnsignedString(reader.readUint64()));
        assertEquals(0, reader.remaining());
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0", "20, -1", "3863, -100", "1b7fffffffffffffff, 9223372036854775807", "3b7fffffffffffffff, -9223372036854775808"})
    void readsSignedIntegers(final String hex, final long value) throws ProtocolException {
        assertEquals(value, reader(hex).readInt64());
    }

    @Test
    void checksRanges() {
        assertFails(Reason.OUT_OF_RANGE, () -> reader("190100").readUint8());
        assertFails(Reason.OUT_OF_RANGE, () -> reader("1a00010000").readUint16());
        assertFails(Reason.OUT_OF_RANGE, () -> reader("1b0000000100000000").readUint32());
        assertFails(Reason.OUT_OF_RANGE, () -> reader("1a80000000").readInt32());
        assertFails(Reason.OUT_OF_RANGE, () -> reader("3a80000000").readInt32());
        assertFails(Reason.OUT_OF_RANGE, () -> reader("1b8000000000000000").readInt64());
        assertFails(Reason.OUT_OF_RANGE, () -> reader("3bffffffffffffffff").readInt64());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("20").readUint64());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("40").readInt64());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("f6").readBoolean());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("f97e00").readInt64());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("80").readMapHead());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("a0").readArrayHead());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("40").readText());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("60").readBytes());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("c000").readUint64());
    }

    @Test
    void readsIntegerLimits() throws ProtocolException {
        assertEquals(Integer.MAX_VALUE, reader("1a7fffffff").readInt32());
        assertEquals(Integer.MIN_VALUE, reader("3a7fffffff").readInt32());
        assertEquals(255, reader("18ff").readUint8());
        assertEquals(65535, reader("19ffff").readUint16());
        assertEquals(0xFFFFFFFFL, reader("1affffffff").readUint32());
    }

    @Test
    void handsOutStringsWhereTheyLie() throws ProtocolException {
        final MemorySegment memory = MemorySegment.ofArray(HexFormat.of().parseHex("ffff43010203636162635f41014202035fff"));
        final CborReader reader = new CborReader().wrap(memory, 2, 13);
        reader.readBytes();
        assertSame(memory, reader.sliceMemory());
        assertEquals(3, reader.sliceOffset());
        assertEquals(3, reader.sliceLength());
        reader.readText();
        assertEquals(7, reader.sliceOffset());
        assertFails(Reason.TRUNCATED, reader::readBytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"43010203", "5803010203", "590003010203", "5a00000003010203", "5b0000000000000003010203",
        "5f43010203ff", "5f410140420203ff", "83010203", "9f01180203ff", "831801021803"})
    void readsByteStringsInAnyForm(final String hex) throws ProtocolException {
        final CborReader reader = reader(hex);
        assertEquals(ByteString.copyOf((byte) 1, (byte) 2, (byte) 3), reader.readByteString());
        assertEquals(0, reader.remaining());
    }

    @Test
    void readsTextInAnyForm() throws ProtocolException {
        assertEquals("h\u00e4h", reader("6468c3a468").readString());
        assertEquals("h\u00e4h", reader("7f6268c362a468ff").readString(), "a character may be cut by a chunk's end");
    }

    @Test
    void gathersChunks() throws ProtocolException {
        assertEquals("hello, world", reader("7f6568656c6c6f622c2065776f726c64ff").readString());
        assertEquals("", reader("7fff").readString());
        assertEquals(ByteString.EMPTY, reader("5fff").readByteString());
        assertEquals(ByteString.EMPTY, reader("9fff").readByteString());
        assertFails(Reason.MALFORMED, () -> reader("7f4161ff").readString());
        assertFails(Reason.MALFORMED, () -> reader("7f7f6161ffff").readString());
        assertFails(Reason.MALFORMED, () -> reader("5f01ff").readByteString());
        assertFails(Reason.TRUNCATED, () -> reader("7f6161").readString());
        assertFails(Reason.OUT_OF_RANGE, () -> reader("82190100").readByteString().length());
        assertFails(Reason.UNEXPECTED_TYPE, () -> reader("8120").readByteString());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "00", "20", "43010203", "63616263", "83010203", "a2010203f6", "c11a514b67b0", "f97e00", "fa47c35000", "fb3ff199999999999a", "f6",
        "f7", "f820", "f0", "9f01820203ff", "bf0102ff", "bf616182f5f4ff", "9f9f9fffff00ff", "d9d9f7a0", "5f41014102ff", "7f6161ff",
        "8181818181818181818181818181818100", "c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c100", "a1a0a0", "80", "a0", "9fff", "bfff"})
    void skipsWhateverIsWellFormed(final String hex) throws ProtocolException {
        final CborReader reader = reader(hex + "17");
        reader.skip();
        assertEquals(23, reader.readUint8());
        for (int length = 0; length < hex.length(); length += 2) {
            final String part = hex.substring(0, length);
            assertFails(Reason.TRUNCATED, () -> reader(part).skip());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1c, MALFORMED", "3d, MALFORMED", "5e, MALFORMED", "7c, MALFORMED", "9d, MALFORMED", "be, MALFORMED", "dc, MALFORMED",
        "fc, MALFORMED", "1f, MALFORMED", "3f, MALFORMED", "df, MALFORMED", "ff, MALFORMED", "f818, MALFORMED", "81ff, MALFORMED",
        "bf01ff, MALFORMED", "c0ff, MALFORMED", "81818181818181818181818181818181818100, TOO_DEEP",
        "9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f, TOO_DEEP", "5b7fffffffffffffff, TRUNCATED", "5bffffffffffffffff, TRUNCATED",
        "9bffffffffffffffff, TRUNCATED", "bbffffffffffffffff, TRUNCATED", "bb8000000000000001, TRUNCATED", "8200, TRUNCATED",
        "a10000a0, NONE", "a100, TRUNCATED"})
    void refusesToSkipWhatIsNot(final String hex, final String reason) throws ProtocolException {
        if (reason.equals("NONE")) {
            reader(hex).skip();
        } else {
            assertFails(Reason.valueOf(reason), () -> reader(hex).skip());
        }
    }

    @Test
    @TimeLimit(seconds = 10)
    void bombsEndSoonAndSmall() {
        for (final int head : new int[] {0x81, 0x9F, 0xA1, 0xBF, 0xC1}) {
            assertFails(head == 0xA1 || head == 0xBF ? null : Reason.TOO_DEEP, () -> reader(filled(head, MILLION)).skip());
        }
        // Maps of maps as values, not as keys.
        final byte[] maps = new byte[2 * MILLION];
        for (int i = 0; i < maps.length; i += 2) {
            maps[i] = (byte) 0xA1;
        }
        assertFails(Reason.TOO_DEEP, () -> reader(maps).skip());

        // Each item announces as many as there is room for; empty chunks without end; counts far beyond the input.
        final byte[] wide = new byte[MILLION];
        for (int i = 0; i + 5 <= 16 * 5; i += 5) {
            CborDescriptor.putHead(MemorySegment.ofArray(wide), i, CborDescriptor.ARRAY, 900_000);
        }
        assertFails(Reason.TRUNCATED, () -> reader(wide).skip());
        final byte[] chunks = filled(0x40, MILLION);
        chunks[0] = 0x5F;
        assertFails(Reason.TRUNCATED, () -> reader(chunks).skip());
        assertFails(Reason.TRUNCATED, () -> reader(chunks).readBytes());
        final byte[] integers = filled(0x00, MILLION);
        integers[0] = (byte) 0x9F;
        assertFails(Reason.TRUNCATED, () -> reader(integers).readBytes());
        for (final String head : new String[] {"5a7fffffff", "7a7fffffff", "9a7fffffff", "ba7fffffff", "5bffffffffffffffff"}) {
            assertFails(Reason.TRUNCATED, () -> reader(head + "00").skip());
            assertFails(null, () -> reader(head + "00").readMapHead());
            assertFails(null, () -> reader(head + "00").readArrayHead());
            assertFails(null, () -> reader(head + "00").readBytes());
            assertFails(null, () -> reader(head + "00").readText());
        }
    }

    @Test
    void countsAndBreaksGuideALoop() throws ProtocolException {
        for (final String hex : new String[] {"a2010203f4", "bf010203f4ff", "b802010203f4"}) {
            final CborReader reader = reader(hex);
            final long pairs = reader.readMapHead();
            long done = 0;
            while (reader.hasNext(pairs, done)) {
                reader.readUint8();
                reader.skip();
                done++;
            }
            assertEquals(2, done);
            assertEquals(0, reader.remaining());
        }
    }

    @Test
    void errorsSayWhatAndWhere() {
        final MemorySegment memory = MemorySegment.ofArray(HexFormat.of().parseHex("0000000061"));
        final CborReader reader = new CborReader().wrap(memory, 4, 1);
        final ProtocolException e = assertThrows(ProtocolException.class, reader::readText);
        assertEquals(Reason.TRUNCATED, e.reason());
        assertEquals(4, e.offset());
        assertEquals("", e.field());
        assertEquals("string beyond the input: length=1 remaining=0: offset=4", e.getMessage());
        assertEquals(0, e.getStackTrace().length);
        assertThrows(IndexOutOfBoundsException.class, () -> new CborReader().wrap(memory, 4, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> new CborReader().wrap(memory, -1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> new CborReader().wrap(memory, 0, -1));
        assertFails(Reason.TRUNCATED, () -> new CborReader().skip());
    }

    @Test
    void nullsAndPeeks() throws ProtocolException {
        final CborReader reader = reader("f6f5");
        assertEquals(CborDescriptor.SIMPLE, reader.peekMajor());
        assertTrue(reader.tryReadNull());
        assertFalse(reader.tryReadNull());
        assertTrue(reader.readBoolean());
        assertFails(Reason.TRUNCATED, reader::peekMajor);
        assertFails(Reason.TRUNCATED, reader::tryReadNull);
        assertFails(Reason.TRUNCATED, reader::readBoolean);
    }

    private static CborReader reader(final String hex) {
        return reader(HexFormat.of().parseHex(hex));
    }

    private static CborReader reader(final byte[] bytes) {
        return new CborReader().wrap(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private static byte[] filled(final int value, final int length) {
        final byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private interface Action {
        void run() throws ProtocolException;
    }

    private static void assertFails(final Reason reason, final Action action) {
        final ProtocolException e = assertThrows(ProtocolException.class, action::run);
        if (reason != null) {
            assertEquals(reason, e.reason(), e.getMessage());
        }
    }
}
