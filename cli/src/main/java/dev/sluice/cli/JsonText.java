package dev.sluice.cli;

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
            } else if (character < ' ') {
                quoted.append(String.format("\\u%04x", character));
            } else {
                quoted.append((char) character);
            }
        });
        return quoted.append('"').toString();
    }
}
