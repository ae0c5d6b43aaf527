package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ProtocolException.Reason;
import dev.sluice.testsupport.BytePattern;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataFrameTest {
    @ParameterizedTest
    @CsvSource({
        "EXEC_STDOUT, 4194258", "EXEC_STDERR, 4194258", "EXEC_STDIN, 4194259", "FS_DATA, 4194262", "TCP_DATA, 4194261"})
    void largestDataFillsTheLargestFrame(final MessageType type, final int most) throws ProtocolException {
        assertEquals(most, DataFrame.maxDataLength(type));
        assertEquals(FrameDescriptor.MAX_FRAME_LENGTH, DataFrame.frameLength(type, most));
        assertThrows(IllegalArgumentException.class, () -> DataFrame.headerLength(type, most + 1));
        assertThrows(IllegalArgumentException.class, () -> DataFrame.headerLength(type, -1));

        final MemorySegment frame = MemorySegment.ofArray(new byte[FrameDescriptor.MAX_FRAME_LENGTH]);
        assertThrows(IllegalArgumentException.class, () -> DataFrame.encodeHeader(frame, 0, type, 7, 1, most + 1));
        final int header = DataFrame.encodeHeader(frame, 0, type, 7, 1, most);
        new BytePattern(1).fill(frame, header, most, 0);
        final FrameDecoder decoder = new FrameDecoder();
        decoder.takeHeader(frame, 0, 9);
        assertEquals(FrameError.NONE, decoder.error());
        assertEquals(FrameDescriptor.MAX_FRAME_LENGTH, decoder.frameLength());
        final Envelope envelope = new Envelope().wrap(frame, 9, decoder.bodyLength());
        final DataPayload payload = new DataPayload().wrap(envelope);
        assertEquals(type, envelope.type());
        assertEquals(header, payload.dataOffset());
        assertEquals(most, payload.dataLength());

        final ByteString data = ByteString.copyOf(frame, header, most);
        assertEquals(frame, MemorySegment.ofArray((byte[]) frame.heapBase().orElseThrow()));
        assertEquals(-1, MemorySegment.ofArray(Frames.encode(7, 1, new DataMessage(type, data))).mismatch(frame));
        final ByteString tooMuch = ByteString.copyOf(new byte[most + 1]);
        final ProtocolException e =
            assertThrows(ProtocolException.class, () -> Frames.encode(7, 1, new DataMessage(type, tooMuch)));
        assertEquals(Reason.TOO_LARGE, e.reason());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 42", "16, 42", "17, 43", "23, 43", "24, 44", "247, 44", "248, 45", "255, 45", "256, 46", "65526, 46", "65527, 48",
        "65535, 48", "65536, 50", "3145728, 50"})
    void overheadIsThatOfTheProtocolsTable(final int dataLength, final int overhead) {
        assertEquals(overhead, DataFrame.headerLength(MessageType.EXEC_STDOUT, dataLength));
        assertEquals(overhead - 4, DataFrame.headerLength(MessageType.FS_DATA, dataLength));
        assertTrue(overhead <= DataFrame.MAX_HEADER_LENGTH);
    }

    @Test
    void everyLengthRoundTrips() throws ProtocolException {
        final MemorySegment frame = MemorySegment.ofArray(new byte[70_100]);
        final Envelope envelope = new Envelope();
        final DataPayload payload = new DataPayload();
        for (int length = 0; length < 70_000; length += length < 600 || length > 65_400 && length < 65_700 ? 1 : 331) {
            final int header = DataFrame.encodeHeader(frame, 3, MessageType.EXEC_STDIN, 1, 0xF0000001, length);
            assertEquals(DataFrame.headerLength(MessageType.EXEC_STDIN, length), header);
            assertEquals(header + length, FrameDescriptor.LENGTH_PREFIX + FrameDescriptor.length(frame, 3));
            assertEquals(0xF0000001, FrameDescriptor.id(frame, 3));
            assertEquals(0, FrameDescriptor.flags(frame, 3));
            envelope.wrap(frame, 12, header + length - 9);
            assertEquals(1, envelope.version());
            payload.wrap(envelope);
            assertEquals(3 + header, payload.dataOffset());
            assertEquals(length, payload.dataLength());
        }
    }

    @Test
    void findsTheDataThatFitsAWindow() {
        for (final MessageType type : new MessageType[] {MessageType.EXEC_STDIN, MessageType.FS_DATA}) {
            for (int window = -3; window < 70_000; window++) {
                final int length = DataFrame.dataLengthWithin(type, window);
                assertTrue(length == 0 || DataFrame.frameLength(type, length) <= window);
                assertTrue(DataFrame.frameLength(type, length + 1) > window, "window=" + window);
            }
            assertEquals(DataFrame.maxDataLength(type), DataFrame.dataLengthWithin(type, Long.MAX_VALUE));
            assertEquals(DataFrame.maxDataLength(type), DataFrame.dataLengthWithin(type, FrameDescriptor.MAX_FRAME_LENGTH));
        }
    }

    @Test
    void onlyTypesThatCarryData() {
        final MemorySegment frame = MemorySegment.ofArray(new byte[100]);
        for (final MessageType type : MessageType.values()) {
            if (!type.carriesData()) {
                assertThrows(IllegalArgumentException.class, () -> DataFrame.encodeHeader(frame, 0, type, 7, 1, 1));
                assertThrows(IllegalArgumentException.class, () -> DataFrame.headerLength(type, 1));
                assertThrows(IllegalArgumentException.class, () -> DataFrame.maxDataLength(type));
                assertThrows(IllegalArgumentException.class, () -> DataFrame.dataLengthWithin(type, 1));
                assertThrows(IllegalArgumentException.class, () -> new DataMessage(type, ByteString.EMPTY));
            }
        }
        for (final int generation : new int[] {-1, 0, 24, 256}) {
            assertThrows(
                IllegalArgumentException.class, () -> DataFrame.encodeHeader(frame, 0, MessageType.FS_DATA, generation, 1, 1));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> DataFrame.encodeHeader(frame, 70, MessageType.FS_DATA, 7, 1, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "a1646461746143616263", "a164646174615803616263", "a1646461746159 0003616263", "a16464617461 5f41614262 63ff",
        "bf646461746143616263ff",
        "a2 0102 646461746143616263", "a2 646461746143616263 6178 a0", "a1 7f6264616274 61ff 43616263", "a1 64646174618318611862 1863",
        "a1 6464617461 9f186118621863ff", "a1646461746143616263ffff"})
    void decodesDataInAnyForm(final String hex) throws ProtocolException {
        final MemorySegment memory = MemorySegment.ofArray(HexFormat.of().parseHex(hex.replace(" ", "")));
        final DataPayload payload = new DataPayload().wrap(memory, 0, (int) memory.byteSize());
        assertEquals("abc", ByteString.copyOf(payload.dataMemory(), payload.dataOffset(), payload.dataLength()).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "'', TRUNCATED", "f6, UNEXPECTED_TYPE", "a0, MISSING_FIELD", "a1646461746163616263, UNEXPECTED_TYPE",
        "a164646174614461626 3, TRUNCATED", "a26464617461406464617461 40, MALFORMED", "a16464617461f6, UNEXPECTED_TYPE",
        "a1646461746181190100, OUT_OF_RANGE", "a1646461746120, UNEXPECTED_TYPE"})
    void refusesOtherPayloads(final String hex, final Reason reason) {
        final MemorySegment memory = MemorySegment.ofArray(HexFormat.of().parseHex(hex.replace(" ", "")));
        final ProtocolException e =
            assertThrows(ProtocolException.class, () -> new DataPayload().wrap(memory, 0, (int) memory.byteSize()));
        assertEquals(reason, e.reason());
    }
}
