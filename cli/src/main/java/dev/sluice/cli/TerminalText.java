package dev.sluice.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What somebody else wrote, as it can be shown on a terminal: what would move its cursor, change its colours, set its title or turn its
 * text round is written out, {@code \x1b} for a byte, {@code \u202e} for a character. Newlines and tabs stay.
 */
final class TerminalText {
    private TerminalText() {
    }

    static byte[] of(final byte[] bytes) {
        final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
        final ByteBuffer in = ByteBuffer.wrap(bytes);
        final CharBuffer characters = CharBuffer.allocate(bytes.length);
        final StringBuilder text = new StringBuilder(bytes.length);
        while (true) {
            final CoderResult result = decoder.decode(in, characters, true);
            append(text, characters.flip());
            characters.clear();
            if (!result.isError()) {
                break;
            }
            for (int i = 0; i < result.length(); i++) {
                text.append(String.format(Locale.ROOT, "\\x%02x", in.get() & 0xFF));
            }
            decoder.reset();
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Text as one line: newlines and tabs are spaces there. */
    static String line(final String message) {
        final StringBuilder text = new StringBuilder(message.length());
        append(text, CharBuffer.wrap(message.replace('\n', ' ').replace('\t', ' ')));
        return text.toString();
    }

    /** A name as part of a line: what would end the line, or look like several names, is written out too. */
    static byte[] name(final byte[] bytes) {
        return new String(of(bytes), StandardCharsets.UTF_8)
            .replace("\r", "\\x0d").replace("\n", "\\x0a").replace("\t", "\\x09").getBytes(StandardCharsets.UTF_8);
    }

    private static void append(final StringBuilder text, final CharBuffer characters) {
        for (int i = 0; i < characters.length(); i++) {
            final char character = characters.charAt(i);
            final boolean endsLine = character == '\r' && i + 1 < characters.length() && characters.charAt(i + 1) == '\n';
            if (character == '\n' || character == '\t' || endsLine) {
                text.append(character);
            } else if (character < ' ' || character == 0x7F) {
                text.append(String.format(Locale.ROOT, "\\x%02x", (int) character));
            } else if (character == '\u200c' || character == '\u200d') {
                // Joiners are part of words and of symbols.
                text.append(character);
            } else if (Character.getType(character) == Character.CONTROL || Character.getType(character) == Character.FORMAT
                || character == '\u2028' || character == '\u2029') {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
            } else {
                text.append(character);
            }
        }
    }
}
