package dev.sluice.fuzz;

import static dev.sluice.fuzz.Promise.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * The same bytes read by an independent decoder: it has to read what ours reads. What ours refuses is not compared, because that decoder is
 * lenient (it takes a count of 2^31 for none, and a tag before a break for nothing); see {@link WellFormed} for that.
 */
final class JacksonCbor {
    private static final CBORFactory FACTORY = CBORFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

    private JacksonCbor() {
    }

    /** Compares what ours read with what the other decoder reads. */
    static void compare(final byte[] input, final CborTree tree) {
        try (JsonParser parser = FACTORY.createParser(input)) {
            parser.nextToken();
            compareItem(tree, parser);
            parser.finishToken();
        } catch (final IOException e) {
            check(!isStrict(tree), "the other decoder refuses what ours reads: " + e.getMessage());
        }
    }

    /** Whether every decoder has to read this: the other one wants text to be UTF-8, and keys to be texts. */
    private static boolean isStrict(final CborTree item) {
        return switch (item) {
            case CborTree.Bytes bytes -> !bytes.text() || bytes.value().isUtf8();
            case CborTree.Array array -> array.items().stream().allMatch(JacksonCbor::isStrict);
            case CborTree.Pairs pairs -> {
                boolean strict = true;
                for (int i = 0; i < pairs.keysAndValues().size() && strict; i++) {
                    final CborTree child = pairs.keysAndValues().get(i);
                    strict = isStrict(child) && (i % 2 == 1 || isText(child));
                }
                yield strict;
            }
            case CborTree.Raw raw -> false;
            default -> true;
        };
    }

    private static boolean isText(final CborTree item) {
        return item instanceof CborTree.Bytes bytes && bytes.text();
    }

    /** Compares the item whose first token the parser is at, and leaves it at the last one. */
    private static void compareItem(final CborTree item, final JsonParser parser) throws IOException {
        final JsonToken token = parser.currentToken();
        switch (item) {
            case CborTree.Int number -> {
                check(token == JsonToken.VALUE_NUMBER_INT, "an integer, for the other decoder " + token);
                final BigInteger argument = new BigInteger(Long.toUnsignedString(number.argument()));
                check(parser.getBigIntegerValue().equals(number.negative() ? argument.not() : argument), "integer");
            }
            case CborTree.Bytes bytes -> compareBytes(bytes, parser, token);
            case CborTree.Array array -> {
                check(token == JsonToken.START_ARRAY, "an array, for the other decoder " + token);
                for (final CborTree child : array.items()) {
                    parser.nextToken();
                    compareItem(child, parser);
                }
                check(parser.nextToken() == JsonToken.END_ARRAY, "end of an array");
            }
            case CborTree.Pairs pairs -> {
                check(token == JsonToken.START_OBJECT, "a map, for the other decoder " + token);
                for (int i = 0; i < pairs.keysAndValues().size(); i += 2) {
                    parser.nextToken();
                    compareKey(pairs.keysAndValues().get(i), parser);
                    parser.nextToken();
                    compareItem(pairs.keysAndValues().get(i + 1), parser);
                }
                check(parser.nextToken() == JsonToken.END_OBJECT, "end of a map");
            }
            case CborTree.Bool bool -> check(token == (bool.value() ? JsonToken.VALUE_TRUE : JsonToken.VALUE_FALSE), "truth value");
            case CborTree.Null nothing -> check(token == JsonToken.VALUE_NULL, "null");
            case CborTree.Raw raw -> parser.skipChildren();
        }
    }

    private static void compareBytes(final CborTree.Bytes bytes, final JsonParser parser, final JsonToken token) throws IOException {
        if (bytes.text()) {
            check(token == JsonToken.VALUE_STRING, "a text, for the other decoder " + token);
            final String text = parser.getText();
            check(!bytes.value().isUtf8() || text.equals(string(bytes.value())), "text");
        } else {
            check(token == JsonToken.VALUE_EMBEDDED_OBJECT, "a byte string, for the other decoder " + token);
            check(ByteString.copyOf(parser.getBinaryValue()).equals(bytes.value()), "byte string");
        }
    }

    private static void compareKey(final CborTree key, final JsonParser parser) throws IOException {
        check(parser.currentToken() == JsonToken.FIELD_NAME, "a key");
        if (key instanceof CborTree.Bytes bytes && bytes.text() && bytes.value().isUtf8()) {
            check(parser.currentName().equals(string(bytes.value())), "key");
        }
    }

    private static String string(final ByteString utf8) {
        return new String(utf8.toByteArray(), StandardCharsets.UTF_8);
    }
}
