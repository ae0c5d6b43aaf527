package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VectorsTest {
    private static final String ALL = "dev.sluice.protocol.Vectors#all";

    @ParameterizedTest
    @MethodSource(ALL)
    void headerAndEnvelopeAreThoseGiven(final Vectors.Vector vector) throws ProtocolException {
        final MemorySegment frame = vector.memory();
        final FrameDecoder decoder = new FrameDecoder();
        assertEquals(FrameDescriptor.HEADER_LENGTH, decoder.takeHeader(frame, 0, vector.frame().length));
        assertEquals(vector.id(), decoder.id());
        assertEquals(vector.flags(), decoder.flags());
        assertEquals(vector.frame().length, decoder.frameLength());
        assertEquals(vector.bodyLength(), decoder.bodyLength());

        final Envelope envelope = vector.envelope();
        assertEquals(vector.version(), envelope.version());
        final MessageType type = envelope.type();
        assertNotNull(type);
        assertEquals(vector.type(), type.wireName());
        assertEquals(vector.flags(), type.flags());
        assertEquals(type, MessageType.recognise(frame, FrameDescriptor.BODY_OFFSET, vector.bodyLength()));
        assertEquals(type.wireBytes(), envelope.typeName());
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void payloadDecodesToTheJsonAndBack(final Vectors.Vector vector) throws ProtocolException {
        final Envelope envelope = vector.envelope();
        final byte[] payload =
            ByteString.copyOf(envelope.payloadMemory(), envelope.payloadOffset(), envelope.payloadLength()).toByteArray();
        if (vector.payload().has("$empty")) {
            assertEquals(0, payload.length);
            return;
        }
        final CborReader reader = new CborReader().wrap(MemorySegment.ofArray(payload), 0, payload.length);
        assertEquals(vector.payload().toString(), JsonCbor.read(reader).toString());
        assertEquals(0, reader.remaining());
        assertArrayEquals(payload, JsonCbor.encode(vector.payload()));

        final CborReader skipping = new CborReader().wrap(MemorySegment.ofArray(payload), 0, payload.length);
        skipping.skip();
        assertEquals(0, skipping.remaining());
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void messageEncodesToTheSameBytes(final Vectors.Vector vector) throws ProtocolException {
        final Message message = decode(vector);
        assertEquals(vector.type(), message.type().wireName());
        assertArrayEquals(vector.frame(), Frames.encode(vector.version(), vector.id(), message));
        assertEquals(vector.frame().length, Frames.frameLength(message));

        final MemorySegment place = MemorySegment.ofArray(new byte[vector.frame().length + 20]);
        assertEquals(vector.frame().length, Frames.encode(place, 7, vector.version(), vector.id(), message));
        assertEquals(-1, MemorySegment.mismatch(vector.memory(), 0, vector.frame().length, place, 7, 7 + vector.frame().length));
        assertEquals(message, decode(vector), "equal by value");
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void messageHasTheValuesOfTheJson(final Vectors.Vector vector) throws Exception {
        RecordJson.assertSame(vector.payload(), decode(vector));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void dataFramesAreMadeInPlace(final Vectors.Vector vector) throws ProtocolException {
        final MessageType type = vector.envelope().type();
        if (!type.carriesData()) {
            return;
        }
        final DataPayload payload = new DataPayload().wrap(vector.envelope());
        final ByteString data = ByteString.copyOf(payload.dataMemory(), payload.dataOffset(), payload.dataLength());
        assertEquals(vector.payload().get("data"), JsonNodeFactory.instance.objectNode().set("$bytes", hex(data)));

        final MemorySegment frame = MemorySegment.ofArray(new byte[vector.frame().length]);
        final int header = DataFrame.encodeHeader(frame, 0, type, vector.version(), vector.id(), data.length());
        assertEquals(header, DataFrame.headerLength(type, data.length()));
        assertEquals(vector.frame().length, DataFrame.frameLength(type, data.length()));
        data.copyTo(frame, header);
        assertEquals(-1, frame.mismatch(vector.memory()));
    }

    @Test
    void everyTypeOfGeneration7IsThere() {
        final Set<String> seen = new HashSet<>();
        Vectors.all().forEach(vector -> seen.add(vector.type()));
        for (final MessageType type : MessageType.values()) {
            assertTrue(seen.contains(type.wireName()) || type == MessageType.WINDOW, type.wireName());
        }
        assertEquals(32, seen.size());
    }

    private static JsonNode hex(final ByteString data) {
        return JsonNodeFactory.instance.textNode(java.util.HexFormat.of().formatHex(data.toByteArray()));
    }

    private static Message decode(final Vectors.Vector vector) throws ProtocolException {
        final Envelope envelope = vector.envelope();
        if (vector.legacyFiles() && envelope.type() == MessageType.FS_REQUEST) {
            return LegacyFsRequest.decode(envelope);
        }
        if (vector.legacyFiles() && envelope.type() == MessageType.FS_RESPONSE) {
            return LegacyFsResponse.decode(envelope);
        }
        return Frames.decode(envelope);
    }
}
