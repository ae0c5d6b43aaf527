package dev.sluice.execlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Characters that arrive in parts, and the judgement of what is UTF-8, against the JDK's. */
class Utf8JoinerTest {
    /** Joins pieces as a writer does. @return the lines' data */
    private static List<byte[]> lines(final byte[]... pieces) {
        final List<byte[]> lines = new ArrayList<>();
        int carry = Utf8Joiner.NO_CARRY;
        for (final byte[] piece : pieces) {
            final byte[] joined = new byte[Utf8Joiner.MAX_CARRY + piece.length];
            final int carried = Utf8Joiner.unpack(carry, joined, 0);
            assertTrue(carried <= Utf8Joiner.MAX_CARRY);
            System.arraycopy(piece, 0, joined, carried, piece.length);
            final int length = carried + piece.length;
            final int tail = Utf8Joiner.incompleteTail(joined, 0, length);
            carry = Utf8Joiner.carry(joined, length - tail, tail);
            lines.add(Arrays.copyOf(joined, length - tail));
        }
        final byte[] rest = new byte[Utf8Joiner.length(carry)];
        Utf8Joiner.unpack(carry, rest, 0);
        lines.add(rest);
        return lines;
    }

    private static byte[] concatenated(final List<byte[]> lines) {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        lines.forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static boolean jdkTakes(final byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (final CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void everySplitOfEveryKindOfCharacterIsJoined() {
        final byte[] text = "aä€𐍈z\u07FF\u0800\uFFFF\uD800\uDC00\uDBFF\uDFFF\uD7FF\uE000é".getBytes(UTF_8);
        for (int first = 0; first <= text.length; first++) {
            for (int second = first; second <= text.length; second++) {
                final List<byte[]> lines = lines(Arrays.copyOfRange(text, 0, first), Arrays.copyOfRange(text, first, second),
                    Arrays.copyOfRange(text, second, text.length));
                assertArrayEquals(text, concatenated(lines));
                for (final byte[] line : lines) {
                    assertTrue(jdkTakes(line), first + " " + second + " " + Arrays.toString(line));
                }
                assertEquals(0, lines.getLast().length);
            }
        }
    }

    @Test
    void oneByteAtATimeIsJoined() {
        final byte[] text = "ä€𐍈 and so on ü".getBytes(UTF_8);
        final byte[][] pieces = new byte[text.length][];
        for (int i = 0; i < text.length; i++) {
            pieces[i] = new byte[] {text[i]};
        }
        final List<byte[]> lines = lines(pieces);
        assertArrayEquals(text, concatenated(lines));
        assertTrue(lines.stream().allMatch(Utf8JoinerTest::jdkTakes));
    }

    @Test
    void noByteOfAnyStreamIsLost() {
        final Random random = new Random(Seeds.next("pieces"));
        for (int i = 0; i < 20_000; i++) {
            final byte[][] pieces = new byte[random.nextInt(8)][];
            final ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int piece = 0; piece < pieces.length; piece++) {
                pieces[piece] = random.nextBoolean() ? RandomBytes.any(random, 6) : cut(random, RandomBytes.text(random, 4));
                all.writeBytes(pieces[piece]);
            }
            assertArrayEquals(all.toByteArray(), concatenated(lines(pieces)));
        }
    }

    private static byte[] cut(final Random random, final byte[] bytes) {
        final int from = random.nextInt(bytes.length + 1);
        return Arrays.copyOfRange(bytes, from, random.nextInt(from, bytes.length + 1));
    }

    @Test
    void validityIsTheJdksForEverySequenceOfUpToThreeBytes() {
        for (int value = 0; value < 1 << 24; value += value < 1 << 16 ? 1 : 7) {
            final byte[] bytes = {(byte) (value >> 16), (byte) (value >> 8), (byte) value};
            assertEquals(jdkTakes(bytes), Utf8.isValid(bytes, 0, 3), () -> Arrays.toString(bytes));
        }
    }

    @Test
    void validityIsTheJdksForSequencesOfFourBytesAndMore() {
        final Random random = new Random(Seeds.next("sequences"));
        for (int i = 0; i < 500_000; i++) {
            final byte[] bytes = new byte[4 + random.nextInt(12)];
            random.nextBytes(bytes);
            bytes[0] = (byte) (0xF0 + random.nextInt(6));
            for (int at = 1; at < 4; at++) {
                bytes[at] = (byte) (random.nextInt(5) == 0 ? bytes[at] : 0x80 | bytes[at] & 0x3F);
            }
            for (int at = 4; at < bytes.length; at++) {
                bytes[at] &= (byte) (random.nextInt(50) == 0 ? 0xFF : 0x7F);
            }
            assertEquals(jdkTakes(bytes), Utf8.isValid(bytes, 0, bytes.length), () -> Arrays.toString(bytes));
        }
    }
}
