package dev.sluice.cli;

import dev.sluice.protocol.ByteString;
import java.util.Base64;

/** Text as JSON has it. */
final class JsonText {
    private JsonText() {
    }

    /** {@return a text as a JSON string, quotation marks included} */
    static String quoted(final String text) {
        final StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(character -> {
            if (character == '"' || character == '\\') {
                quoted.append('\\').append((char) character);
            } else if (controls((char) character)) {
                quoted.append(String.format("\\u%04x", character));
            } else {
                quoted.append((char) character);
            }
        });
        return quoted.append('"').toString();
    }

    /**
     * A member of a JSON object that is a name or path: as text, and where that is not all of it also as bytes, with {@code _base64} behind
     * the key.
     */
    static String member(final String key, final ByteString bytes) {
        final String text = quoted(key) + ":" + quoted(bytes.toString());
        return bytes.isUtf8() ? text : text + "," + quoted(key + "_base64") + ":\""
            + Base64.getEncoder().encodeToString(bytes.toByteArray()) + "\"";
    }

    /** Tells whether a character does something to a terminal or to what surrounds it; JSON has each as an escape, too. */
    private static boolean controls(final char character) {
        final int type = Character.getType(character);
        return type == Character.CONTROL || type == Character.FORMAT || type == Character.LINE_SEPARATOR
            || type == Character.PARAGRAPH_SEPARATOR;
    }
}
