package dev.sluice.execlog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A place in JSON (RFC 8259) that is known to be UTF-8. Strings are decoded into a buffer that the next one overwrites. Values that are
 * skipped may be nested {@value #MAX_DEPTH} deep.
 */
final class JsonCursor {
    static final int MAX_DEPTH = 16;

    /** The text is no JSON, or not what was due. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed() {
            // Thrown for lines that are to be skipped: nobody looks at where it was made.
            super("malformed", null, false, false);
        }
    }

    private byte[] bytes;
    private int position;
    private int end;
    private byte[] string = new byte[256];
    private int stringLength;

    void wrap(final byte[] in, final int offset, final int length) {
        bytes = in;
        position = offset;
        end = offset + length;
    }

    Malformed malformed() {
        return new Malformed();
    }

    int position() {
        return position;
    }

    void position(final int value) {
        position = value;
    }

    byte[] string() {
        return string;
    }

    int stringLength() {
        return stringLength;
    }

    boolean stringIs(final String ascii) {
        if (stringLength != ascii.length()) {
            return false;
        }
        for (int i = 0; i < stringLength; i++) {
            if (string[i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void skipSpace() {
        while (position < end && (bytes[position] == ' ' || bytes[position] == '\t' || bytes[position] == '\r')) {
            position++;
        }
    }

    boolean accept(final char expected) {
        skipSpace();
        if (position < end && bytes[position] == expected) {
            position++;
            return true;
        }
        return false;
    }

    void expect(final char expected) throws Malformed {
        if (!accept(expected)) {
            throw new Malformed();
        }
    }

    void expectKey(final String key) throws Malformed {
        readString();
        if (!stringIs(key)) {
            throw new Malformed();
        }
        expect(':');
    }

    void expectEnd() throws Malformed {
        skipSpace();
        if (position != end) {
            throw new Malformed();
        }
    }

    long readUnsigned() throws Malformed {
        skipSpace();
        final int start = position;
        long value = 0;
        while (position < end && bytes[position] >= '0' && bytes[position] <= '9') {
            final int digit = bytes[position] - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                throw new Malformed();
            }
            value = value * 10 + digit;
            position++;
        }
        if (position == start || bytes[start] == '0' && position > start + 1 || position < end && isNumberPart(bytes[position])) {
            throw new Malformed();
        }
        return value;
    }

    private static boolean isNumberPart(final byte value) {
        return value >= '0' && value <= '9' || value == '.' || value == 'e' || value == 'E' || value == '+' || value == '-';
    }

    void readString() throws Malformed {
        expect('"');
        stringLength = 0;
        // A string gets no longer by being decoded.
        if (string.length < end - position) {
            string = new byte[Math.max(end - position, 2 * string.length)];
        }
        while (true) {
            copyPlain();
            if (position == end || bytes[position] >= 0 && bytes[position] < ' ') {
                throw new Malformed();
            }
            if (bytes[position++] == '"') {
                return;
            }
            readEscape();
        }
    }

    private void copyPlain() {
        final int start = position;
        int at = start;
        while (at < end && bytes[at] != '"' && bytes[at] != '\\' && (bytes[at] >= ' ' || bytes[at] < 0)) {
            at++;
        }
        System.arraycopy(bytes, start, string, stringLength, at - start);
        stringLength += at - start;
        position = at;
    }

    private void readEscape() throws Malformed {
        if (position == end) {
            throw new Malformed();
        }
        final byte letter = bytes[position++];
        switch (letter) {
            case '"', '\\', '/' -> string[stringLength++] = letter;
            case 'n' -> string[stringLength++] = '\n';
            case 'r' -> string[stringLength++] = '\r';
            case 't' -> string[stringLength++] = '\t';
            case 'b' -> string[stringLength++] = '\b';
            case 'f' -> string[stringLength++] = '\f';
            case 'u' -> putCodePoint(readCodePoint());
            default -> throw new Malformed();
        }
    }

    private int readCodePoint() throws Malformed {
        final int first = readHex();
        if (first >= Character.MIN_HIGH_SURROGATE && first <= Character.MAX_HIGH_SURROGATE) {
            if (end - position < 2 || bytes[position] != '\\' || bytes[position + 1] != 'u') {
                throw new Malformed();
            }
            position += 2;
            final int second = readHex();
            if (second < Character.MIN_LOW_SURROGATE || second > Character.MAX_LOW_SURROGATE) {
                throw new Malformed();
            }
            return Character.toCodePoint((char) first, (char) second);
        }
        if (first >= Character.MIN_LOW_SURROGATE && first <= Character.MAX_LOW_SURROGATE) {
            throw new Malformed();
        }
        return first;
    }

    private int readHex() throws Malformed {
        if (end - position < 4) {
            throw new Malformed();
        }
        int value = 0;
        for (int i = 0; i < 4; i++) {
            final byte symbol = bytes[position++];
            final int digit = symbol < 0 ? -1 : Character.digit(symbol, 16);
            if (digit < 0) {
                throw new Malformed();
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private void putCodePoint(final int value) {
        if (value < 0x80) {
            string[stringLength++] = (byte) value;
        } else if (value < 0x800) {
            string[stringLength++] = (byte) (0xC0 | value >> 6);
            string[stringLength++] = (byte) (0x80 | value & 0x3F);
        } else if (value < 0x10000) {
            string[stringLength++] = (byte) (0xE0 | value >> 12);
            string[stringLength++] = (byte) (0x80 | value >> 6 & 0x3F);
            string[stringLength++] = (byte) (0x80 | value & 0x3F);
        } else {
            string[stringLength++] = (byte) (0xF0 | value >> 18);
            string[stringLength++] = (byte) (0x80 | value >> 12 & 0x3F);
            string[stringLength++] = (byte) (0x80 | value >> 6 & 0x3F);
            string[stringLength++] = (byte) (0x80 | value & 0x3F);
        }
    }

    /** Skips a value of any kind. */
    void skipValue() throws Malformed {
        skipValue(0);
    }

    private void skipValue(final int depth) throws Malformed {
        if (depth == MAX_DEPTH) {
            throw new Malformed();
        }
        skipSpace();
        if (position == end) {
            throw new Malformed();
        }
        switch (bytes[position]) {
            case '"' -> readString();
            case '{' -> {
                position++;
                skipMembers(depth, '}', true);
            }
            case '[' -> {
                position++;
                skipMembers(depth, ']', false);
            }
            case 't' -> skipWord("true");
            case 'f' -> skipWord("false");
            case 'n' -> skipWord("null");
            default -> skipNumber();
        }
    }

    private void skipMembers(final int depth, final char close, final boolean keys) throws Malformed {
        if (accept(close)) {
            return;
        }
        do {
            if (keys) {
                skipSpace();
                readString();
                expect(':');
            }
            skipValue(depth + 1);
        } while (accept(','));
        expect(close);
    }

    private void skipWord(final String word) throws Malformed {
        final byte[] expected = word.getBytes(StandardCharsets.US_ASCII);
        if (end - position < expected.length
            || !Arrays.equals(bytes, position, position + expected.length, expected, 0, expected.length)) {
            throw new Malformed();
        }
        position += expected.length;
    }

    /** {@code -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?}. */
    private void skipNumber() throws Malformed {
        acceptHere('-');
        if (!acceptHere('0')) {
            skipDigits();
        }
        if (acceptHere('.')) {
            skipDigits();
        }
        if (acceptHere('e') || acceptHere('E')) {
            if (!acceptHere('+')) {
                acceptHere('-');
            }
            skipDigits();
        }
        if (position < end && isNumberPart(bytes[position])) {
            throw new Malformed();
        }
    }

    private boolean acceptHere(final char expected) {
        if (position < end && bytes[position] == expected) {
            position++;
            return true;
        }
        return false;
    }

    private void skipDigits() throws Malformed {
        final int start = position;
        while (position < end && bytes[position] >= '0' && bytes[position] <= '9') {
            position++;
        }
        if (position == start) {
            throw new Malformed();
        }
    }
}
