package dev.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Our CBOR against another implementation's, in both directions. */
class CborDifferentialTest {
    private static final int ROUNDS = 1000;
    private static final int MAX_LEVELS = 6;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final CBORMapper jackson = new CBORMapper(CBORFactory.builder().enable(CBORGenerator.Feature.WRITE_MINIMAL_INTS).build());

    @Test
    void whatOneWritesTheOtherReads() throws Exception {
        final Random random = new Random(Seeds.next("values"));
        for (int round = 0; round < ROUNDS; round++) {
            final JsonNode value = random(random, 0);
            final byte[] ours = JsonCbor.encode(value);
            assertEquals(value.toString(), withHex(jackson.readTree(ours)).toString());

            final byte[] definite = jacksons(value, false);
            assertArrayEquals(definite, ours, "definite lengths and shortest heads on both sides");
            assertEquals(value.toString(), JsonCbor.read(reader(definite)).toString());

            final byte[] indefinite = jacksons(value, true);
            final CborReader reader = reader(indefinite);
            assertEquals(value.toString(), JsonCbor.read(reader).toString());
            assertEquals(0, reader.remaining());
            final CborReader skipping = reader(indefinite);
            skipping.skip();
            assertEquals(0, skipping.remaining());
        }
    }

    @Test
    void damageIsAnErrorOrAValueAndACutAnError() throws Exception {
        final Random random = new Random(Seeds.next("damage"));
        for (int round = 0; round < ROUNDS; round++) {
            final byte[] bytes = jacksons(random(random, 0), random.nextBoolean());
            final int cut = random.nextInt(bytes.length);
            assertThrows(ProtocolException.class, () -> new CborReader().wrap(MemorySegment.ofArray(bytes), 0, cut).skip());
            for (int i = 0; i < 4; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                try {
                    final CborReader skipping = reader(bytes);
                    skipping.skip();
                    assertTrue(skipping.remaining() >= 0);
                    JsonCbor.read(reader(bytes));
                } catch (final ProtocolException e) {
                    assertTrue(e.offset() <= bytes.length);
                }
            }
        }
    }

    @Test
    void randomBytesNeverDoMoreThanFail() {
        final Random random = new Random(Seeds.next("bytes"));
        final byte[] bytes = new byte[64];
        for (int round = 0; round < 200_000; round++) {
            random.nextBytes(bytes);
            final int length = random.nextInt(bytes.length + 1);
            final CborReader reader = new CborReader().wrap(MemorySegment.ofArray(bytes), 0, length);
            try {
                while (reader.remaining() > 0) {
                    reader.skip();
                }
            } catch (final ProtocolException e) {
                assertTrue(e.offset() >= 0 && e.offset() <= length);
            }
        }
    }

    private byte[] jacksons(final JsonNode value, final boolean indefinite) throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CBORGenerator generator = jackson.getFactory().createGenerator(out)) {
            write(generator, value, indefinite);
        }
        return out.toByteArray();
    }

    private static void write(final CBORGenerator generator, final JsonNode node, final boolean indefinite) throws IOException {
        if (node.isObject() && node.has("$bytes")) {
            generator.writeBinary(HexFormat.of().parseHex(node.get("$bytes").asText()));
        } else if (node.isObject()) {
            if (indefinite) {
                generator.writeStartObject();
            } else {
                generator.writeStartObject(node, node.size());
            }
            for (final var field : node.properties()) {
                generator.writeFieldName(field.getKey());
                write(generator, field.getValue(), indefinite);
            }
            generator.writeEndObject();
        } else if (node.isArray()) {
            if (indefinite) {
                generator.writeStartArray();
            } else {
                generator.writeStartArray(node, node.size());
            }
            for (final JsonNode item : node) {
                write(generator, item, indefinite);
            }
            generator.writeEndArray();
        } else if (node.isNumber()) {
            writeNumber(generator, node.bigIntegerValue());
        } else if (node.isTextual()) {
            generator.writeString(node.asText());
        } else if (node.isBoolean()) {
            generator.writeBoolean(node.asBoolean());
        } else {
            generator.writeNull();
        }
    }

    private static void writeNumber(final JsonGenerator generator, final BigInteger value) throws IOException {
        if (value.bitLength() <= 63) {
            generator.writeNumber(value.longValue());
        } else {
            // Jackson writes these as tagged big numbers; the plain head is made by hand.
            ((CBORGenerator) generator).writeRaw((byte) 0x1B);
            for (int shift = 56; shift >= 0; shift -= 8) {
                ((CBORGenerator) generator).writeRaw((byte) (value.longValue() >>> shift));
            }
        }
    }

    /** Jackson's tree with byte strings as the tests write them. */
    private static JsonNode withHex(final JsonNode node) throws IOException {
        if (node.isBinary()) {
            return NODES.objectNode().put("$bytes", HexFormat.of().formatHex(node.binaryValue()));
        }
        if (node.isObject()) {
            final ObjectNode copy = NODES.objectNode();
            for (final var field : node.properties()) {
                copy.set(field.getKey(), withHex(field.getValue()));
            }
            return copy;
        }
        if (node.isArray()) {
            final var copy = NODES.arrayNode();
            for (final JsonNode item : node) {
                copy.add(withHex(item));
            }
            return copy;
        }
        return node;
    }

    private static JsonNode random(final Random random, final int level) {
        switch (random.nextInt(level >= MAX_LEVELS ? 6 : 8)) {
            case 0 -> {
                return NODES.numberNode(random.nextLong() >>> random.nextInt(64));
            }
            case 1 -> {
                return NODES.numberNode(~(random.nextLong() >>> 1 + random.nextInt(63)));
            }
            case 2 -> {
                final byte[] bytes = new byte[length(random)];
                random.nextBytes(bytes);
                return NODES.objectNode().put("$bytes", HexFormat.of().formatHex(bytes));
            }
            case 3 -> {
                return NODES.textNode(text(random));
            }
            case 4 -> {
                return random.nextBoolean() ? NODES.nullNode() : NODES.booleanNode(random.nextBoolean());
            }
            case 5 -> {
                return NODES.numberNode(random.nextInt(300));
            }
            case 6 -> {
                final var array = NODES.arrayNode();
                for (int i = random.nextInt(30) / (level + 1); i > 0; i--) {
                    array.add(random(random, level + 1));
                }
                return array;
            }
            default -> {
                final ObjectNode object = NODES.objectNode();
                for (int i = random.nextInt(30) / (level + 1); i > 0; i--) {
                    object.set("k" + i + text(random), random(random, level + 1));
                }
                return object;
            }
        }
    }

    private static int length(final Random random) {
        return random.nextInt(20) == 0 ? random.nextInt(70_000) : random.nextInt(40);
    }

    private static String text(final Random random) {
        final StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 300 : 12); i > 0; i--) {
            text.appendCodePoint(switch (random.nextInt(12)) {
                case 0 -> 0x80 + random.nextInt(0x700);
                case 1 -> 0x4E00 + random.nextInt(0x1000);
                case 2 -> 0x1F300 + random.nextInt(0x100);
                default -> ' ' + random.nextInt(95);
            });
        }
        return text.toString();
    }

    private static CborReader reader(final byte[] bytes) {
        return new CborReader().wrap(MemorySegment.ofArray(bytes), 0, bytes.length);
    }
}
