package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TerminalTextTest {
    private static String shown(final byte[] bytes) {
        return new String(TerminalText.of(bytes), UTF_8);
    }

    private static String shown(final String text) {
        return shown(text.getBytes(UTF_8));
    }

    @Test
    void textIsShownAsItIs() {
        final String text = "ä€ 𐍈 👩\u200d💻\ttab\nline\r\n";
        assertEquals(text, shown(text));
    }

    @Test
    void a12_whatControlsATerminalIsWrittenOut() {
        assertEquals("\\x1b]0;title\\x07\\x1b[2J", shown("\u001b]0;title\u0007\u001b[2J"));
        assertEquals("over\\x0dwritten\\x08\\x00\\x7f", shown("over\rwritten\b\0\u007f"));
        assertEquals("\\u009b31m \\u202egnp.exe \\u2028", shown("\u009b31m \u202egnp.exe \u2028"));
    }

    @Test
    void bytesThatAreNoTextAreWrittenOut() {
        assertEquals("a\\xff\\x9bb\\xe2\\x82", shown(new byte[] {'a', (byte) 0xFF, (byte) 0x9B, 'b', (byte) 0xE2, (byte) 0x82}));
    }

    @Test
    void nothingGetsThrough() {
        final Random random = new Random(Seeds.next("bytes"));
        final byte[] bytes = new byte[300];
        for (int i = 0; i < 5000; i++) {
            random.nextBytes(bytes);
            for (final char character : shown(bytes).toCharArray()) {
                assertTrue(character >= ' ' && character != 0x7F && !(character >= 0x80 && character < 0xA0)
                    || character == '\n' || character == '\t' || character == '\r', () -> new String(bytes, ISO_8859_1));
            }
        }
    }
}
