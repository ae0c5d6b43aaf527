package dev.sluice.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.HexFormat;

/** JSON, with byte strings as {@code {"$bytes": hex}}, to CBOR and back by the codec under test, whatever the shape. */
final class JsonCbor {
    private static final String BYTES_KEY = "$bytes";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private JsonCbor() {
    }

    static byte[] encode(final JsonNode node) {
        final CborWriter writer = new CborWriter();
        write(writer, node);
        final byte[] encoded = new byte[(int) writer.written()];
        write(writer.wrap(java.lang.foreign.MemorySegment.ofArray(encoded), 0, encoded.length), node);
        return encoded;
    }

    static void write(final CborWriter writer, final JsonNode node) {
        switch (node.getNodeType()) {
            case OBJECT -> {
                if (node.has(BYTES_KEY)) {
                    writer.writeBytes(ByteString.copyOf(HexFormat.of().parseHex(node.get(BYTES_KEY).asText())));
                    return;
                }
                writer.writeMapHead(node.size());
                node.properties().forEach(field -> {
                    writer.writeText(field.getKey());
                    write(writer, field.getValue());
                });
            }
            case ARRAY -> {
                writer.writeArrayHead(node.size());
                node.forEach(item -> write(writer, item));
            }
            case STRING -> writer.writeText(node.asText());
            case NUMBER -> {
                final BigInteger value = node.bigIntegerValue();
                if (value.signum() < 0) {
                    writer.writeHead(CborDescriptor.NEGATIVE, value.not().longValue());
                } else {
                    writer.writeUnsigned(value.longValue());
                }
            }
            case BOOLEAN -> writer.writeBoolean(node.asBoolean());
            case NULL -> writer.writeNull();
            default -> throw new IllegalArgumentException(node.toString());
        }
    }

    static JsonNode read(final CborReader reader) throws ProtocolException {
        switch (reader.peekMajor()) {
            case CborDescriptor.UNSIGNED -> {
                final long value = reader.readUint64();
                return NODES.numberNode(new BigInteger(Long.toUnsignedString(value)));
            }
            case CborDescriptor.NEGATIVE -> {
                return NODES.numberNode(BigInteger.valueOf(reader.readInt64()));
            }
            case CborDescriptor.BYTES -> {
                final ObjectNode node = NODES.objectNode();
                return node.put(BYTES_KEY, HexFormat.of().formatHex(reader.readByteString().toByteArray()));
            }
            case CborDescriptor.TEXT -> {
                return NODES.textNode(reader.readString());
            }
            case CborDescriptor.ARRAY -> {
                final ArrayNode node = NODES.arrayNode();
                final long count = reader.readArrayHead();
                while (reader.hasNext(count, node.size())) {
                    node.add(read(reader));
                }
                return node;
            }
            case CborDescriptor.MAP -> {
                final ObjectNode node = NODES.objectNode();
                final long count = reader.readMapHead();
                for (long i = 0; reader.hasNext(count, i); i++) {
                    final String key = reader.readString();
                    node.set(key, read(reader));
                }
                return node;
            }
            default -> {
                return reader.tryReadNull() ? NODES.nullNode() : NODES.booleanNode(reader.readBoolean());
            }
        }
    }
}
