package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowFrameTest {
    @Test
    void hasTheseBytes() {
        final MemorySegment frame = MemorySegment.ofArray(new byte[WindowFrame.MAX_FRAME_LENGTH]);
        final int length = WindowFrame.encode(frame, 0, 1, 5, WindowFrame.STDOUT, 65536);
        assertEquals(
            "00000030" + "00000005" + "00" + "a3617601" + "6174" + "6d736c756963652e77696e646f77" + "6170" + "54"
                + "a2" + "6673747265616d" + "01" + "656279746573" + "1a00010000",
            HexFormat.of().formatHex(ByteString.copyOf(frame, 0, length).toByteArray()));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 23, 24, 255, 256, 65535, 65536, 983040, 0xFFFFFFFFL})
    void roundTripsAndEqualsTheMessage(final long bytes) throws ProtocolException {
        final MemorySegment frame = MemorySegment.ofArray(new byte[WindowFrame.MAX_FRAME_LENGTH + 2]);
        for (int stream = 0; stream <= 2; stream++) {
            final int length = WindowFrame.encode(frame, 2, 7, 9, stream, bytes);
            assertTrue(length <= WindowFrame.MAX_FRAME_LENGTH);
            final Envelope envelope = new Envelope().wrap(frame, 11, length - 9);
            assertEquals(MessageType.WINDOW, envelope.type());
            final WindowPayload payload = new WindowPayload().wrap(envelope);
            assertEquals(stream, payload.stream());
            assertEquals(bytes, payload.bytes());
            final WindowGrant grant = new WindowGrant(stream, bytes);
            assertEquals(grant, Frames.decode(envelope));
            assertEquals(
                -1, MemorySegment.mismatch(MemorySegment.ofArray(Frames.encode(7, 9, grant)), 0, length, frame, 2, 2 + length));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a0, MISSING_FIELD, stream", "a16673747265616d00, MISSING_FIELD, bytes", "a165627974657300, MISSING_FIELD, stream",
        "a26673747265616d0365627974657300, OUT_OF_RANGE, stream", "a26673747265616d00656279746573 1b0000000100000000, OUT_OF_RANGE, bytes",
        "a26673747265616d0065627974657320, UNEXPECTED_TYPE, bytes", "a36673747265616d006673747265616d0065627974657300, MALFORMED, stream",
        "f6, UNEXPECTED_TYPE, ''"})
    void refusesOtherPayloads(final String hex, final Reason reason, final String field) {
        final MemorySegment memory = MemorySegment.ofArray(HexFormat.of().parseHex(hex.replace(" ", "")));
        final ProtocolException e =
            assertThrows(ProtocolException.class, () -> new WindowPayload().wrap(memory, 0, (int) memory.byteSize()));
        assertEquals(reason, e.reason());
        assertEquals(field, e.field());
    }

    @Test
    void acceptsOtherOrdersAndUnknownKeys() throws ProtocolException {
        final MemorySegment memory = MemorySegment.ofArray(HexFormat.of().parseHex("bf65627974657318646178f66673747265616d02ff"));
        final WindowPayload payload = new WindowPayload().wrap(memory, 0, (int) memory.byteSize());
        assertEquals(2, payload.stream());
        assertEquals(100, payload.bytes());
    }

    @Test
    void refusesWhatCannotBeGranted() {
        final MemorySegment frame = MemorySegment.ofArray(new byte[100]);
        assertThrows(IllegalArgumentException.class, () -> WindowFrame.encode(frame, 0, 1, 1, 3, 1));
        assertThrows(IllegalArgumentException.class, () -> WindowFrame.encode(frame, 0, 1, 1, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> WindowFrame.encode(frame, 0, 1, 1, 0, -1));
        assertThrows(IllegalArgumentException.class, () -> WindowFrame.encode(frame, 0, 1, 1, 0, 1L << 32));
        assertThrows(IllegalArgumentException.class, () -> new WindowGrant(3, 1));
    }
}
