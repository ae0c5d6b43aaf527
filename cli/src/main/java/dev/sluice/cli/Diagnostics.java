package dev.sluice.cli;

/** What Sluice itself has to say: one line each, on standard error. */
final class Diagnostics {
    private static final int DELETE = 0x7F;
    private static final int LAST_C1_CONTROL = 0x9F;

    private Diagnostics() {
    }

    static void print(final String message) {
        System.err.print("sluice: " + printable(message) + "\n");
        System.err.flush();
    }

    /** One line that does nothing to a terminal: part of it may come from a guest. */
    static String printable(final String message) {
        final StringBuilder line = new StringBuilder(message.length());
        message.codePoints().forEach(character -> {
            if (character == '\n' || character == '\t') {
                line.append(' ');
            } else if (character < ' ' || character >= DELETE && character <= LAST_C1_CONTROL) {
                line.append(String.format("\\x%02x", character));
            } else {
                line.appendCodePoint(character);
            }
        });
        return line.toString();
    }
}
