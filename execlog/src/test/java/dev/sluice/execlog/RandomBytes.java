package dev.sluice.execlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Random;

/** Data for tests. */
final class RandomBytes {
    private RandomBytes() {
    }

    static byte[] any(final Random random, final int maxLength) {
        final byte[] bytes = new byte[random.nextInt(maxLength + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Text with characters of one to four bytes, and all that has to be escaped. */
    static byte[] text(final Random random, final int maxCharacters) {
        final int[] kinds = {0x20, 0x80, 0x800, 0x10000, 0x110000};
        final StringBuilder text = new StringBuilder();
        final int length = random.nextInt(maxCharacters + 1);
        for (int i = 0; i < length; i++) {
            final int kind = random.nextInt(6);
            final int value = kind >= 4 ? random.nextInt(0x80) : random.nextInt(kinds[kind], kinds[kind + 1]);
            text.appendCodePoint(value >= 0xD800 && value < 0xE000 ? 'x' : value);
        }
        return text.toString().getBytes(UTF_8);
    }
}
