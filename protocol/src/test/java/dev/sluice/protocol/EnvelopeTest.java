package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    /** "core.ping" as text with its head. */
    private static final String PING = "69" + hex("core.ping");

    private final Envelope envelope = new Envelope();

    @ParameterizedTest
    @ValueSource(strings = {
        "a3 6176 07 6174 PING 6170 41a0",
        "a3 6176 07 6174 PING 6170 41a0 ffff",
        "a3 6174 PING 6176 07 6170 41a0",
        "a3 6170 41a0 6174 PING 6176 07",
        "a3 6176 1807 6174 PING 6170 41a0",
        "a3 6176 190007 6174 PING 6170 41a0",
        "a4 6176 07 6174 PING 6178 82016174 6170 41a0",
        "a5 01 02 40 03 6176 07 6174 PING 6170 41a0",
        "a5 a16176f6 02 616d 8301c003f90000 6176 07 6174 PING 6170 41a0",
        "bf 6176 07 6174 PING 6170 41a0 ff",
        "bf 6176 07 6174 PING 6170 5f41a0ff ff",
        "a3 6176 07 6174 7f64636f7265652e70696e67ff 6170 41a0",
        "a3 6176 07 6174 7809PINGTEXT 6170 41a0",
        "a3 6176 07 6174 790009PINGTEXT 6170 41a0",
        "a3 7f6176ff 07 7f60617460ff PING 6170 41a0",
        "a3 6176 07 6174 PING 6170 8118a0",
        "a3 6176 07 6174 PING 6170 9f18a0ff",
        "a3 6176 07 6174 PING 6170 5801a0",
        "b803 6176 07 6174 PING 6170 41a0"})
    void acceptsEveryForm(final String body) throws ProtocolException {
        final MemorySegment memory = bytes(body);
        final int length = (int) memory.byteSize() - 4;
        envelope.wrap(memory, 4, length);
        assertEquals(7, envelope.version());
        assertEquals(MessageType.PING, envelope.type());
        assertEquals("core.ping", envelope.typeName().toString());
        assertEquals(1, envelope.payloadLength());
        assertEquals((byte) 0xA0, envelope.payloadMemory().get(CborDescriptor.BYTE, envelope.payloadOffset()));
        assertEquals(new EmptyMessage(MessageType.PING), Frames.decode(envelope));
        assertEquals(MessageType.PING, MessageType.recognise(memory, 4, length));
        final boolean inOnePiece = body.matches(".*6170 (41|5801)a0.*");
        assertEquals(inOnePiece, envelope.payloadMemory() == memory, "no copy without need");
    }

    @ParameterizedTest
    @CsvSource({
        "'', TRUNCATED, ''",
        "80, UNEXPECTED_TYPE, ''",
        "f6, UNEXPECTED_TYPE, ''",
        "a0, MISSING_FIELD, v",
        "a2 6174 PING 6170 41a0, MISSING_FIELD, v",
        "a2 6176 07 6170 41a0, MISSING_FIELD, t",
        "a2 6176 07 6174 PING, MISSING_FIELD, p",
        "a3 6176 190100 6174 PING 6170 41a0, OUT_OF_RANGE, v",
        "a3 6176 20 6174 PING 6170 41a0, UNEXPECTED_TYPE, v",
        "a3 6176 07 6174 49PINGTEXT 6170 41a0, UNEXPECTED_TYPE, t",
        "a3 6176 07 6174 PING 6170 61a0, UNEXPECTED_TYPE, p",
        "a3 6176 07 6174 PING 6170 f6, UNEXPECTED_TYPE, p",
        "a3 6176 07 6174 PING 6170 42a0, TRUNCATED, p",
        "a3 6176 07 6174 PING 6170 811903e8, OUT_OF_RANGE, p",
        "a4 6176 07 6176 07 6174 PING 6170 41a0, MALFORMED, v",
        "a4 6176 07 6174 PING 6174 PING 6170 41a0, MALFORMED, t",
        "a4 6176 07 6174 PING 6170 41a0 6170 41a0, MALFORMED, p",
        "bf 6176 07 6174 PING 6170 41a0, TRUNCATED, p",
        "bf 6176 07 6174 PING 6170 ff, MALFORMED, p",
        "a4 6176 07 6174 PING 6170 41a0 6178 9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f, TOO_DEEP, ''",
        "ba7fffffff 6176 07 6174 PING 6170 41a0, TRUNCATED, ''",
        "a3 6176 07 6174 7affffffff PING, TRUNCATED, t"})
    void saysWhatIsWrong(final String body, final Reason reason, final String field) {
        final MemorySegment memory = bytes(body);
        final ProtocolException e =
            assertThrows(ProtocolException.class, () -> envelope.wrap(memory, 4, (int) memory.byteSize() - 4));
        assertEquals(reason, e.reason(), e.getMessage());
        assertEquals(field, e.field(), e.getMessage());
    }

    @Test
    void tellsUnknownTypesFromUndecodableOnes() throws ProtocolException {
        final MemorySegment unknown = bytes("a3 6176 07 6174 66" + hex("core.x") + " 6170 41a0");
        envelope.wrap(unknown, 4, (int) unknown.byteSize() - 4);
        assertNull(envelope.type());
        assertEquals("core.x", envelope.typeName().toString());
        assertNull(MessageType.recognise(unknown, 4, (int) unknown.byteSize() - 4));
        final ProtocolException e = assertThrows(ProtocolException.class, () -> Frames.decode(envelope));
        assertEquals(Reason.UNKNOWN_NAME, e.reason());
        assertEquals("t", e.field());

        final MemorySegment longName = bytes("a3 6176 07 6174 7901f4" + "78".repeat(500) + " 6170 41a0");
        assertEquals(128, envelope.wrap(longName, 4, (int) longName.byteSize() - 4).typeName().length());
        final MemorySegment empty = bytes("a3 6176 07 6174 60 6170 41a0");
        assertNull(envelope.wrap(empty, 4, (int) empty.byteSize() - 4).type());
        assertEquals(0, envelope.typeName().length());
    }

    @Test
    void payloadMayBeEmpty() throws ProtocolException {
        final MemorySegment memory = bytes("a3 6176 00 6174 6d" + hex("core.shutdown") + " 6170 40");
        envelope.wrap(memory, 4, (int) memory.byteSize() - 4);
        assertEquals(0, envelope.version());
        assertEquals(0, envelope.payloadLength());
        assertEquals(new Shutdown(), Frames.decode(envelope));
    }

    @Test
    void recognisesFromAPartOfABodyAndNeverReadsBeyondIt() {
        Vectors.all().forEach(vector -> {
            final MessageType type = MessageType.recognise(vector.memory(), 9, vector.bodyLength());
            final int needed = 3 + 1 + 2 + (vector.type().length() > 23 ? 2 : 1) + vector.type().length();
            for (int length = 0; length <= vector.bodyLength(); length++) {
                final MemorySegment part = vector.memory().asSlice(9, length);
                assertEquals(length < needed ? null : type, MessageType.recognise(part, 0, length));
                final int cut = length;
                if (length < vector.bodyLength()) {
                    assertThrows(ProtocolException.class, () -> envelope.wrap(part, 0, cut));
                }
            }
        });
    }

    @Test
    void gathersIntoMemoryOfItsOwn() throws ProtocolException {
        final MemorySegment memory = bytes("a3 6176 07 6174 PING 6170 5f 42a161 42610a ff");
        envelope.wrap(memory, 4, (int) memory.byteSize() - 4);
        assertNotSame(memory, envelope.payloadMemory());
        assertEquals("a161610a", HexFormat.of().formatHex(
            ByteString.copyOf(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength()).toByteArray()));
        final MemorySegment plain = bytes("a3 6176 07 6174 PING 6170 41a0");
        assertSame(plain, envelope.wrap(plain, 4, (int) plain.byteSize() - 4).payloadMemory());
        assertTrue(envelope.payloadLength() == 1);
    }

    private static MemorySegment bytes(final String body) {
        final String hex = body.replace("PINGTEXT", hex("core.ping")).replace("PING", PING).replace(" ", "");
        return MemorySegment.ofArray(HexFormat.of().parseHex("00000000" + hex));
    }

    private static String hex(final String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }
}
