package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandshakeTest {
    private static final String READY = "00000052";

    @Test
    void rangesAreThoseOfTheGrid() {
        assertEquals(new IdRange(1, 33_554_431), IdGrid.range(0));
        assertEquals(new IdRange(67_108_863, 100_663_293), IdGrid.range(2));
        for (int index = 0; index < IdGrid.RANGE_COUNT; index++) {
            final IdRange range = IdGrid.range(index);
            assertEquals(33_554_430, range.size());
            assertEquals((long) index * 33_554_431 + 1, range.start());
            final int first = (int) range.start();
            final int last = (int) (range.endExclusive() - 1);
            assertTrue(range.contains(first) && range.contains(last));
            assertFalse(range.contains(first - 1) || range.contains(last + 1));
            assertEquals(index, IdGrid.indexOf(first));
            assertEquals(index, IdGrid.indexOf(last));
            assertEquals(-1, IdGrid.indexOf(first - 1), "between two ranges");
            assertEquals(-1, IdGrid.indexOf(last + 1));
        }
        assertEquals(-1, IdGrid.indexOf(0));
        assertEquals(-1, IdGrid.indexOf(-1));
        assertEquals(-1, IdGrid.indexOf(0xFFFFFFFE));
        assertThrows(IllegalArgumentException.class, () -> IdGrid.range(128));
        assertThrows(IllegalArgumentException.class, () -> IdGrid.range(-1));
        assertThrows(IllegalArgumentException.class, () -> new IdRange(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new IdRange(2, 2));
        assertThrows(IllegalArgumentException.class, () -> new IdRange(1, 1L << 32));
    }

    @Test
    void bothFormsRoundTrip() throws ProtocolException {
        final MemorySegment bytes = MemorySegment.ofArray(new byte[16]);
        for (int index = 0; index < IdGrid.RANGE_COUNT; index++) {
            final IdRange range = IdGrid.range(index);
            assertEquals(8, Handshake.encodeRangeForm(bytes, 3, range));
            assertFalse(Handshake.isOffsetForm(bytes, 3));
            assertEquals(range, Handshake.decode(bytes, 3));

            assertEquals(4, Handshake.encodeOffsetForm(bytes, 3, range));
            for (final int readyLength : new int[] {5, 0x52, FrameDescriptor.MAX_LENGTH}) {
                FrameDescriptor.putLength(bytes, 7, readyLength);
                assertTrue(Handshake.isOffsetForm(bytes, 3));
                assertEquals(range, Handshake.decode(bytes, 3));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "00000000, 00000052, 1, 33554431", "0fffffff, 00000052, 268435456, 301989886", "1ffffffe, 00000052, 536870911, 570425341",
        "effffff1, 00000052, 4026531826, 4060086256", "03ffffff, 05fffffd, 67108863, 100663293", "00000001, 01ffffff, 1, 33554431",
        "00000000, 01ffffff, 1, 33554431", "00000001, 00000100, 1, 256"})
    void decodesWhatRelaysSend(final String first, final String second, final long start, final long end) throws ProtocolException {
        assertEquals(new IdRange(start, end), Handshake.decode(MemorySegment.ofArray(HexFormat.of().parseHex(first + second)), 0));
    }

    @ParameterizedTest
    @CsvSource({"05fffffd, 05fffffd", "05fffffe, 05fffffd", "00000000, 00000000", "00000000, 00000001", "ffffffff, 00000052",
        "00000004, 00000004"})
    void refusesWhatIsNoRange(final String first, final String second) {
        final MemorySegment bytes = MemorySegment.ofArray(HexFormat.of().parseHex(first + second));
        assertEquals(
            ProtocolException.Reason.OUT_OF_RANGE, assertThrows(ProtocolException.class, () -> Handshake.decode(bytes, 0)).reason());
    }

    @Test
    void goldenBytes() {
        final MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
        Handshake.encodeRangeForm(bytes, 0, IdGrid.range(2));
        assertEquals("03ffffff05fffffd", HexFormat.of().formatHex(ByteString.copyOf(bytes, 0, 8).toByteArray()));
        Handshake.encodeOffsetForm(bytes, 0, IdGrid.range(0));
        assertEquals("00000000", HexFormat.of().formatHex(ByteString.copyOf(bytes, 0, 4).toByteArray()));
        final MemorySegment slot0 = MemorySegment.ofArray(HexFormat.of().parseHex("00000000" + READY));
        assertTrue(Handshake.isOffsetForm(slot0, 0));
    }
}
