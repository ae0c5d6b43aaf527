package dev.sluice.execlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.testsupport.Seeds;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogLineParserTest {
    private static final String T = "\"t\":\"2026-05-03T12:00:00.001Z\",\"s\":\"stdout\"";

    private static LogLine parse(final String line) {
        final byte[] bytes = line.getBytes(UTF_8);
        return new LogLineParser().parse(bytes, 0, bytes.length);
    }

    @Test
    void keysComeInAnyOrderAndUnknownOnesAreSkipped() {
        final LogLine line = parse(" { \"x\" : [1, -0.5e+3, {\"y\":null, \"t\":true}, \"\\ud83d\\ude00\"], \"id\":3, "
            + "\"d\":\"a\\u00e4\\/\\n\" , \"s\":\"output\",\"z\":{},\"t\":\"2026-05-03T14:00:00.0019+02:00\" , \"y\":[] }\r");
        assertEquals(Instant.parse("2026-05-03T12:00:00.001Z"), line.time());
        assertEquals(LogSource.OUTPUT, line.source());
        assertEquals(3, line.session());
        assertArrayEquals("aä/\n".getBytes(UTF_8), line.data());
        assertNull(line.gap());
    }

    @Test
    void gapsAreRecognised() {
        final LogLine line = parse("{\"t\":\"2026-05-03T12:00:00Z\",\"s\":\"system\",\"d\":\"x\",\"id\":9,"
            + "\"gap\":{\"s\":\"stderr\",\"bytes\":5,\"cause\":\"EIO\"}}");
        assertEquals(new LogGap(LogSource.STDERR, 5, "EIO"), line.gap());
        assertEquals(LogSource.STDERR, line.stream());
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "{}", "{\"s\":\"stderr\",\"bytes\":0,\"cause\":\"EIO\"}", "{\"bytes\":1,\"s\":\"stderr\"}",
        "{\"s\":\"system\",\"bytes\":1,\"cause\":\"EIO\"}", "{\"s\":\"stderr\",\"bytes\":1,\"cause\":\"E IO\"}"})
    void somebodyElsesGapIsAnUnknownKey(final String gap) {
        assertNull(parse("{" + T + ",\"d\":\"x\",\"gap\":" + gap + "}").gap());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "null", "[]", "{", "{}", "{" + T + "}", "{" + T + ",\"d\":\"x\"", "{" + T + ",\"d\":\"x\"}}", "{" + T + ",\"d\":\"x\"} x",
        "{" + T + ",\"d\":\"x\",}", "{" + T + ",\"d\":\"x\",\"d\":\"x\"}", "{" + T + ",\"d\":null}", "{" + T + ",\"d\":5}",
        "{" + T + ",\"d\":\"\u0001\"}", "{" + T + ",\"d\":\"\\x\"}", "{" + T + ",\"d\":\"\\ud800\"}", "{" + T + ",\"d\":\"\\udc00\"}",
        "{" + T + ",\"d\":\"\\ud800\\u0041\"}", "{" + T + ",\"d\":\"\\u12\"}", "{" + T + ",\"d\":\"x\\", "{" + T + ",\"d\":\"x",
        "{" + T + ",\"d\":\"x\",\"id\":-1}", "{" + T + ",\"d\":\"x\",\"id\":1.5}", "{" + T + ",\"d\":\"x\",\"id\":01}",
        "{" + T + ",\"d\":\"x\",\"id\":9223372036854775808}", "{" + T + ",\"d\":\"x\",\"id\":\"1\"}",
        "{" + T + ",\"d\":\"x\",\"e\":\"hex\"}", "{" + T + ",\"d\":\"x\",\"e\":\"b64\"}", "{" + T + ",\"d\":\"!!!!\",\"e\":\"b64\"}",
        "{\"t\":\"2026-13-03T12:00:00Z\",\"s\":\"stdout\",\"d\":\"\"}", "{\"t\":\"2026-02-29T12:00:00Z\",\"s\":\"stdout\",\"d\":\"\"}",
        "{\"t\":\"2026-05-03T24:00:00Z\",\"s\":\"stdout\",\"d\":\"\"}", "{\"t\":\"2026-05-03 12:00:00Z\",\"s\":\"stdout\",\"d\":\"\"}",
        "{\"t\":\"2026-05-03T12:00:00.Z\",\"s\":\"stdout\",\"d\":\"\"}", "{\"t\":\"2026-05-03T12:00:00\",\"s\":\"stdout\",\"d\":\"\"}",
        "{\"t\":\"2026-05-03T12:00:00.001Z\",\"s\":\"stdin\",\"d\":\"\"}", "{" + T + ",\"d\":\"x\",\"y\":01}",
        "{" + T + ",\"d\":\"x\",\"y\":tru}", "{" + T + ",\"d\":\"x\",\"y\":}", "{" + T + ",\"d\":\"x\" \"y\":1}"})
    void whatIsNoLineIsNone(final String text) {
        assertNull(parse(text));
    }

    @Test
    void bytesThatAreNoUtf8AreNoLine() {
        final byte[] bytes = ("{" + T + ",\"d\":\"x\"}").getBytes(UTF_8);
        assertNotNull(new LogLineParser().parse(bytes, 0, bytes.length));
        bytes[bytes.length - 3] = (byte) 0xFF;
        assertNull(new LogLineParser().parse(bytes, 0, bytes.length));
    }

    @Test
    void deepNestingEndsTheLineNotTheProgram() {
        assertNotNull(parse("{" + T + ",\"d\":\"x\",\"y\":" + "[".repeat(15) + "]".repeat(15) + "}"));
        assertNull(parse("{" + T + ",\"d\":\"x\",\"y\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}"));
    }

    @Test
    void damagedLinesNeverThrow() {
        final Random random = new Random(Seeds.next("damage"));
        final String whole = "{" + T + ",\"d\":\"a\\u00e4\\\\ \\ud83d\\ude00\",\"id\":3,"
            + "\"gap\":{\"s\":\"stderr\",\"bytes\":5,\"cause\":\"EIO\"}}";
        final LogLineParser parser = new LogLineParser();
        for (int i = 0; i < 100_000; i++) {
            final byte[] bytes = whole.getBytes(UTF_8);
            for (int damage = random.nextInt(4); damage >= 0; damage--) {
                final int byChance = random.nextBoolean() ? random.nextInt(256) : "{}[]\",:\\u0".charAt(random.nextInt(10));
                bytes[random.nextInt(bytes.length)] = (byte) byChance;
            }
            final int from = random.nextInt(8) == 0 ? random.nextInt(bytes.length) : 0;
            parser.parse(bytes, from, random.nextInt(8) == 0 ? random.nextInt(bytes.length - from) : bytes.length - from);
        }
    }
}
