package dev.sluice.fuzz;

import static dev.sluice.fuzz.Promise.check;
import static dev.sluice.fuzz.Promise.same;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.execlog.LogGap;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogLineEncoder;
import dev.sluice.execlog.LogLineParser;
import dev.sluice.execlog.LogSource;
import dev.sluice.execlog.Utf8Joiner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Lines of the exec log. Anything is a line or none, never an exception; a line that was parsed is JSON for an independent parser too, and
 * is written and parsed again without a change. Any output becomes one line, which both parsers read back byte for byte, as text exactly
 * when it is UTF-8; output that comes in pieces is cut between characters and nowhere else.
 *
 * <p>Input: a byte that says which, then a line, or a script of time, source, session and output.
 */
public final class LogLineTarget {
    private static final int MAX_INPUT = 4096;
    private static final int SOURCES = LogSource.values().length;
    private static final long LAST_MS = 253_402_300_799_999L;

    private static final LogLineParser PARSER = new LogLineParser();
    private static final LogLineEncoder ENCODER = new LogLineEncoder();
    private static final byte[] LINE = new byte[2 * LogLineEncoder.maxLength(MAX_INPUT)];
    private static final Script SCRIPT = new Script();
    private static final ObjectMapper JSON = JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
        .build();

    private LogLineTarget() {
    }

    /** Called by the fuzzer before the first input. */
    public static void fuzzerInitialize() {
        Corpus.loadClasses(LogLineTarget::fuzzerTestOneInput);
    }

    /**
     * Runs one input.
     *
     * @param input the input
     */
    public static void fuzzerTestOneInput(final byte[] input) {
        if (input.length == 0 || input.length > MAX_INPUT) {
            return;
        }
        if (input[0] >= 0) {
            parse(input);
        } else {
            write(input);
        }
    }

    private static void parse(final byte[] input) {
        final LogLine line = PARSER.parse(input, 1, input.length - 1);
        if (line == null) {
            return;
        }
        check(line.source() != null && line.data() != null, "a line has a source and data");
        check(Arrays.equals(input, 1, input.length, line.json(), 0, line.json().length), "a line is given on as it stands");
        check(isUtf8(line.json()), "a line is UTF-8");
        final int length;
        if (line.gap() != null) {
            length = ENCODER.encodeGap(LINE, 0, line.epochMs(), line.session(), line.gap());
        } else {
            if (LogLineEncoder.maxLength(line.data().length) > LINE.length) {
                return;
            }
            length = ENCODER.encode(LINE, 0, line.epochMs(), line.source(), line.data(), 0, line.data().length, line.session());
        }
        final LogLine again = PARSER.parse(LINE, 0, length - 1);
        check(again != null, "a line that is written can be parsed");
        same(Math.clamp(line.epochMs(), 0, LAST_MS), Math.clamp(again.epochMs(), 0, LAST_MS), "time");
        same(line.session(), again.session(), "session");
        if (line.gap() != null) {
            check(line.gap().equals(again.gap()), "gap");
        } else {
            check(line.source() == again.source() && Arrays.equals(line.data(), again.data()), "source and data");
        }
    }

    private static void write(final byte[] input) {
        SCRIPT.wrap(input).next();
        final LogSource source = LogSource.of(SCRIPT.choose(SOURCES));
        final long session = SCRIPT.nextInt() & 0xFFFFFFFFL;
        final long epochMs = (SCRIPT.nextLong() & Long.MAX_VALUE) % (LAST_MS + 1);
        final int pieceLimit = 1 + SCRIPT.choose(64);
        final byte[] output = Arrays.copyOfRange(input, SCRIPT.position(), input.length);
        checkLine(epochMs, source, session, output, output.length);
        checkPieces(output, pieceLimit);
        if (source != LogSource.SYSTEM && session != 0) {
            final LogGap gap = new LogGap(source, session, LogGap.BEHIND);
            final int length = ENCODER.encodeGap(LINE, 0, epochMs, session, gap);
            final LogLine line = PARSER.parse(LINE, 0, length - 1);
            check(line != null && gap.equals(line.gap()) && line.session() == session, "gap");
        }
    }

    private static void checkLine(
        final long epochMs, final LogSource source, final long session, final byte[] output, final int outputLength) {
        final int length = ENCODER.encode(LINE, 0, epochMs, source, output, 0, outputLength, session);
        check(length <= LogLineEncoder.maxLength(outputLength), "longest line");
        for (int i = 0; i < length; i++) {
            check((LINE[i] == '\n') == (i == length - 1), "one newline, at the end");
        }
        final LogLine line = PARSER.parse(LINE, 0, length - 1);
        check(line != null, "a line that was written can be parsed");
        check(line.epochMs() == epochMs && line.source() == source && line.session() == session, "time, source and session");
        check(Arrays.equals(line.data(), 0, line.data().length, output, 0, outputLength), "output comes back byte for byte");
        checkJson(length, output, outputLength);
    }

    private static void checkJson(final int length, final byte[] output, final int outputLength) {
        try {
            final JsonNode json = JSON.readTree(LINE, 0, length);
            final String data = json.get("d").textValue();
            final boolean text = isUtf8(Arrays.copyOf(output, outputLength));
            check(json.has("e") != text, "text exactly when it is UTF-8");
            final byte[] bytes = text ? data.getBytes(StandardCharsets.UTF_8) : Base64.getDecoder().decode(data);
            check(Arrays.equals(bytes, 0, bytes.length, output, 0, outputLength), "another parser reads the same output");
        } catch (final IOException e) {
            throw new AssertionError("another parser does not take it for JSON", e);
        }
    }

    private static void checkPieces(final byte[] output, final int pieceLimit) {
        final boolean text = isUtf8(output);
        final byte[] piece = new byte[pieceLimit + Utf8Joiner.MAX_CARRY];
        int carry = Utf8Joiner.NO_CARRY;
        int joined = 0;
        for (int at = 0; at < output.length; at += pieceLimit) {
            final int fresh = Math.min(pieceLimit, output.length - at);
            final int carried = Utf8Joiner.unpack(carry, piece, 0);
            System.arraycopy(output, at, piece, carried, fresh);
            final int length = carried + fresh;
            final int tail = Utf8Joiner.incompleteTail(piece, 0, length);
            check(tail >= 0 && tail <= Utf8Joiner.MAX_CARRY && tail <= length, "bytes carried over");
            final int whole = length - tail;
            check(Arrays.equals(piece, 0, whole, output, joined, joined + whole), "pieces are the output");
            check(!text || isUtf8(Arrays.copyOf(piece, whole)), "text is cut between characters");
            joined += whole;
            carry = Utf8Joiner.carry(piece, whole, tail);
            same(tail, Utf8Joiner.length(carry), "length of what is carried");
        }
        same(output.length, joined + Utf8Joiner.length(carry), "nothing is lost between pieces");
        check(!text || Utf8Joiner.length(carry) == 0, "nothing is carried behind whole text");
    }

    private static boolean isUtf8(final byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (final CharacterCodingException e) {
            return false;
        }
    }
}
