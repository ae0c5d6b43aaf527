package dev.sluice.execlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Lines as other readers see them: against the examples of the format's description, and a JSON parser that is not ours. */
class LogLineEncoderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LogLineEncoder encoder = new LogLineEncoder();
    private final byte[] target = new byte[1 << 20];

    private String line(final String time, final LogSource source, final byte[] data, final long session) {
        final int length = encoder.encode(target, 7, Instant.parse(time).toEpochMilli(), source, data, 0, data.length, session);
        return new String(target, 7, length, UTF_8);
    }

    private String line(final String time, final LogSource source, final String data, final long session) {
        return line(time, source, data.getBytes(UTF_8), session);
    }

    @Test
    void writesTheLinesOfTheDescription() {
        assertEquals("{\"t\":\"2026-05-03T12:00:00.001Z\",\"s\":\"system\",\"d\":\"--- sandbox started ---\\n\"}\n",
            line("2026-05-03T12:00:00.001Z", LogSource.SYSTEM, LogLineEncoder.STARTED, 0));
        assertEquals("{\"t\":\"2026-05-03T12:00:01.250Z\",\"s\":\"stdout\",\"d\":\"hi\\n\",\"id\":1}\n",
            line("2026-05-03T12:00:01.250Z", LogSource.STDOUT, "hi\n", 1));
        assertEquals("{\"t\":\"2026-05-03T12:00:01.251Z\",\"s\":\"stderr\",\"d\":\"warn: x\\n\",\"id\":1}\n",
            line("2026-05-03T12:00:01.251Z", LogSource.STDERR, "warn: x\n", 1));
        assertEquals("{\"t\":\"2026-05-03T12:00:02.900Z\",\"s\":\"output\",\"d\":\"\\u001b[1mroot\\u001b[0m# \",\"id\":2}\n",
            line("2026-05-03T12:00:02.900Z", LogSource.OUTPUT, "\u001b[1mroot\u001b[0m# ", 2));
        assertEquals("{\"t\":\"2026-05-03T12:05:00.000Z\",\"s\":\"system\",\"d\":\"--- sandbox stopped ---\\n\"}\n",
            line("2026-05-03T12:05:00Z", LogSource.SYSTEM, LogLineEncoder.STOPPED, 0));
    }

    @Test
    void writesBytesThatAreNoTextInBase64() {
        assertEquals("{\"t\":\"2026-05-03T12:00:00.000Z\",\"s\":\"stdout\",\"d\":\"/w==\",\"id\":12345678901,\"e\":\"b64\"}\n",
            line("2026-05-03T12:00:00Z", LogSource.STDOUT, new byte[] {(byte) 0xFF}, 12_345_678_901L));
        assertEquals("{\"t\":\"2026-05-03T12:00:00.000Z\",\"s\":\"system\",\"d\":\"/w==\",\"e\":\"b64\"}\n",
            line("2026-05-03T12:00:00Z", LogSource.SYSTEM, new byte[] {(byte) 0xFF}, 0));
    }

    @Test
    void writesAGapInWordsAndForMachines() throws IOException {
        final int length = encoder.encodeGap(target, 0, 0, 7, new LogGap(LogSource.STDOUT, 4096, "ENOSPC"));
        assertEquals("{\"t\":\"1970-01-01T00:00:00.000Z\",\"s\":\"system\",\"d\":\"--- gap: 4096 bytes of stdout lost: ENOSPC ---\\n\","
            + "\"id\":7,\"gap\":{\"s\":\"stdout\",\"bytes\":4096,\"cause\":\"ENOSPC\"}}\n", new String(target, 0, length, UTF_8));
        assertEquals(4096, JSON.readTree(target, 0, length).at("/gap/bytes").asInt());
        final int withoutSession = encoder.encodeGap(target, 0, 0, 0, new LogGap(LogSource.OUTPUT, 1, LogGap.BEHIND));
        assertTrue(JSON.readTree(target, 0, withoutSession).path("id").isMissingNode());
    }

    @Test
    void escapesEachCharacterAsItMust() throws IOException {
        for (int value = 0; value < 0x80; value++) {
            // At each place of the eight bytes that are looked at together.
            for (int place = 0; place < 9; place++) {
                final String data = "x".repeat(place) + (char) value + "yyyyyyyyyy";
                final String line = line("2026-05-03T12:00:00Z", LogSource.STDOUT, data, 1);
                assertEquals(data, JSON.readTree(line).get("d").asText());
                assertEquals(1, line.chars().filter(c -> c < ' ').count(), "only the newline at the end is no printable character");
            }
        }
    }

    @Test
    void anyBytesComeBackThroughAnotherParserAndOurs() throws IOException {
        final Random random = new Random(Seeds.next("bytes of lines"));
        final LogLineParser parser = new LogLineParser();
        for (int i = 0; i < 5000; i++) {
            // Long ones too: they are encoded by pieces.
            final int most = random.nextInt(4) == 0 ? 5000 : 200;
            final byte[] data = random.nextBoolean() ? RandomBytes.text(random, most) : RandomBytes.any(random, most);
            final long session = random.nextInt(3) == 0 ? 0 : random.nextLong(1, Long.MAX_VALUE);
            final LogSource source = LogSource.of(random.nextInt(4));
            final long time = random.nextLong(0, 4_000_000_000_000L);
            final int length = encoder.encode(target, 0, time, source, data, 0, data.length, session);
            final JsonNode node = JSON.readTree(target, 0, length);
            assertEquals(Instant.ofEpochMilli(time), Instant.parse(node.get("t").asText()));
            assertEquals(source.text(), node.get("s").asText());
            final String text = node.get("d").asText();
            assertArrayEquals(data, node.has("e") ? Base64.getDecoder().decode(text) : text.getBytes(UTF_8));
            assertEquals(session, node.path("id").asLong(0));
            final LogLine line = parser.parse(target, 0, length - 1);
            assertArrayEquals(data, line.data());
            assertEquals(session, line.session());
            assertEquals(source, line.source());
            assertEquals(time, line.epochMs());
        }
    }

    @Test
    void timesOfAllYearsAreTheCalendars() {
        final Random random = new Random(Seeds.next("times"));
        for (int i = 0; i < 20_000; i++) {
            final Instant time = Instant.ofEpochMilli(random.nextLong(0, 253_402_300_800_000L));
            final String line = line(time.toString(), LogSource.STDOUT, "", 1);
            assertEquals(time, Instant.parse(line.substring(6, 30)), line);
        }
        assertEquals("1970-01-01T00:00:00.000Z", line("1969-12-31T23:59:59.999Z", LogSource.STDOUT, "", 1).substring(6, 30));
        assertEquals("9999-12-31T23:59:59.999Z", line("+10000-01-01T00:00:00Z", LogSource.STDOUT, "", 1).substring(6, 30));
    }

    @Test
    void aBufferThatMayBeTooSmallIsRefusedBeforeItIsWrittenTo() {
        final byte[] small = new byte[LogLineEncoder.maxLength(10) - 1];
        assertThrows(IndexOutOfBoundsException.class, () -> encoder.encode(small, 0, 0, LogSource.STDOUT, new byte[10], 0, 10, 1));
        assertArrayEquals(new byte[small.length], small);
        final byte[] worst = new byte[1000];
        final byte[] enough = new byte[LogLineEncoder.maxLength(1000)];
        assertTrue(encoder.encode(enough, 0, 0, LogSource.STDOUT, worst, 0, 1000, Long.MAX_VALUE) <= enough.length);
    }

    @Test
    void aLineOfDataAllocatesNothing() {
        final byte[] text = "some text, äöü \"quoted\"\n".repeat(40).getBytes(UTF_8);
        final byte[] binary = new byte[1000];
        new Random(1).nextBytes(binary);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 10 && least > 64 * 1024; attempt++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 50_000; i++) {
                encoder.encode(target, 0, i * 100L, LogSource.STDOUT, text, 0, text.length, i);
                encoder.encode(target, 0, i * 100L, LogSource.STDOUT, binary, 0, binary.length, i);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertTrue(least <= 64 * 1024, "allocated " + least);
    }
}
