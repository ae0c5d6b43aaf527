package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachKeysTest {
    private static String pass(final DetachKeys keys, final String typed) {
        final byte[] passed = keys.pass(bytes(typed), typed.length());
        return passed == null ? null : new String(passed, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({"ctrl-],29", "CTRL-A,1", "ctrl-@,0", "ctrl-[,27", "ctrl-^,30", "ctrl-_,31", "ctrl-\\,28", "x,120", "~,126"})
    void readsKeysAsDockerDoes(final String text, final int key) {
        assertNull(pass(DetachKeys.parse(text), Character.toString(key)));
        assertEquals("" + (char) (key ^ 1), pass(DetachKeys.parse(text), Character.toString(key ^ 1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ctrl-", "ctrl-1", "ctrl-ab", "xy", ",", "a,", "alt-x", "\u00e9", " "})
    void refusesWhatIsNoKey(final String text) {
        final String message = assertThrows(IllegalArgumentException.class, () -> DetachKeys.parse(text)).getMessage();
        assertEquals("(allowed: a character, or ctrl- and one of a-z @ [ \\ ] ^ _; several with commas)",
            message.substring(message.indexOf('(')));
    }

    @Test
    void noKeysAreNeverTyped() {
        assertEquals("a\u001db", pass(DetachKeys.parse(""), "a\u001db"));
    }

    @Test
    void holdsKeysBackUntilTheNextTells() {
        final DetachKeys keys = DetachKeys.parse("ctrl-p,ctrl-q");
        assertEquals("ls\r", pass(keys, "ls\r\u0010"));
        assertEquals("\u0010x", pass(keys, "x"));
        assertEquals("", pass(keys, "\u0010"));
        assertEquals("\u0010", pass(keys, "\u0010"));
        assertNull(pass(keys, "\u0011never"));
    }

    @Test
    void findsKeysBehindTheirOwnBeginning() {
        final DetachKeys keys = DetachKeys.parse("a,a,b,a,a,c");
        assertEquals("aab", pass(keys, "aabaab"));
        assertNull(pass(keys, "aac"));
    }

    /** Whatever is typed in whatever pieces: all before the first place where the keys are complete is passed on, less what is held. */
    @Test
    void losesAndInventsNothing() {
        final Random random = new Random(Seeds.next("keys"));
        for (int round = 0; round < 20_000; round++) {
            final String sequence = random(random, 1 + random.nextInt(4));
            final String typed = random(random, random.nextInt(30));
            final DetachKeys keys = DetachKeys.parse(String.join(",", sequence.split("")));
            final StringBuilder passed = new StringBuilder();
            int at = 0;
            boolean detached = false;
            while (at < typed.length() && !detached) {
                final int end = Math.min(typed.length(), at + 1 + random.nextInt(5));
                final String part = pass(keys, typed.substring(at, end));
                detached = part == null;
                passed.append(detached ? "" : part);
                at = end;
            }
            final int found = typed.indexOf(sequence);
            final String context = sequence + " in " + typed;
            assertEquals(found >= 0, detached, context);
            if (detached) {
                assertTrue(typed.substring(0, found).startsWith(passed.toString()), context);
            } else {
                final String held = typed.substring(passed.length());
                assertEquals(typed, passed + held, context);
                assertTrue(sequence.startsWith(held) && held.length() < sequence.length(), context);
            }
        }
    }

    private static String random(final Random random, final int length) {
        final char[] characters = new char[length];
        for (int i = 0; i < length; i++) {
            characters[i] = (char) ('a' + random.nextInt(2));
        }
        return new String(characters);
    }
}
