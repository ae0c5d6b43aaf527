package dev.sluice.execlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Base64;

/**
 * Writes lines of a log into a buffer of the caller's. Nothing is allocated for a line of data.
 *
 * <p>One owner thread: an encoder remembers the second it wrote last.
 */
public final class LogLineEncoder {
    /** Written when a guest has become ready. */
    public static final String STARTED = "--- sandbox started ---\n";
    /** Written when a guest is gone, or the relay ends. */
    public static final String STOPPED = "--- sandbox stopped ---\n";

    /** Everything of a line that is not its data: punctuation, keys, timestamp, source, a number of 19 digits, newline. */
    private static final int FRAME_MAX = 128;
    /** {@code \u001b} for one byte. */
    private static final int LONGEST_ESCAPE = 6;

    private static final byte[] TIME = "{\"t\":\"".getBytes(US_ASCII);
    private static final byte[] SOURCE = "\",\"s\":\"".getBytes(US_ASCII);
    private static final byte[] DATA = "\",\"d\":\"".getBytes(US_ASCII);
    private static final byte[] SESSION = "\",\"id\":".getBytes(US_ASCII);
    private static final byte[] BASE64 = ",\"e\":\"b64\"}\n".getBytes(US_ASCII);
    private static final byte[] BASE64_WITHOUT_SESSION = "\",\"e\":\"b64\"}\n".getBytes(US_ASCII);
    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);
    private static final byte[] BASE64_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".getBytes(US_ASCII);

    private static final Base64.Encoder BASE64_ENCODER = Base64.getEncoder();
    /** A multiple of three, so that pieces put together are what the whole would be. */
    private static final int PLAIN_PIECE = 384;

    private static final long ONES = 0x0101010101010101L;

    private final byte[] plainPiece = new byte[PLAIN_PIECE];
    private final byte[] encodedPiece = new byte[PLAIN_PIECE / 3 * 4];
    private final byte[] timestamp = new byte[Timestamp.LENGTH];
    private long timestampSecond = -1;

    /** Creates an encoder. */
    public LogLineEncoder() {
    }

    /**
     * How much room a line may take.
     *
     * @param dataLength bytes of data, 0 or more
     * @return bytes that are enough, whatever the data
     */
    public static int maxLength(final int dataLength) {
        return Math.addExact(Math.multiplyExact(dataLength, LONGEST_ESCAPE), FRAME_MAX);
    }

    /**
     * Writes a line, its newline included: with the data as text when it is UTF-8, else in base64.
     *
     * @param target where to
     * @param offset where the line is to start
     * @param epochMs milliseconds since 1970; what lies outside of the years to 9999 is moved to their ends
     * @param source where the data comes from
     * @param data where the data is
     * @param dataOffset where it starts
     * @param dataLength how much it is
     * @param session number of the session, 0 for none
     * @return length of the line in bytes
     * @throws IndexOutOfBoundsException when there is less room than {@link #maxLength}, even if the line would fit
     */
    public int encode(
        final byte[] target, final int offset, final long epochMs, final LogSource source, final byte[] data, final int dataOffset,
        final int dataLength, final long session) {
        java.util.Objects.checkFromIndexSize(offset, maxLength(dataLength), target.length);
        java.util.Objects.checkFromIndexSize(dataOffset, dataLength, data.length);
        int at = head(target, offset, epochMs, source);
        if (Utf8.isValid(data, dataOffset, dataLength)) {
            at = escape(target, at, data, dataOffset, dataLength);
            if (session != 0) {
                at = put(target, at, SESSION);
                at = number(target, at, session);
            } else {
                target[at++] = '"';
            }
            target[at++] = '}';
            target[at++] = '\n';
        } else {
            at = base64(target, at, data, dataOffset, dataLength);
            if (session != 0) {
                at = put(target, at, SESSION);
                at = number(target, at, session);
                at = put(target, at, BASE64);
            } else {
                at = put(target, at, BASE64_WITHOUT_SESSION);
            }
        }
        return at - offset;
    }

    /**
     * Writes a line that the relay says itself. Allocates.
     *
     * @param target where to
     * @param offset where the line is to start
     * @param epochMs milliseconds since 1970
     * @param text what to say, with its newline, such as {@link #STARTED}
     * @return length of the line in bytes
     * @throws IndexOutOfBoundsException when there is not room enough
     */
    public int encodeMarker(final byte[] target, final int offset, final long epochMs, final String text) {
        final byte[] data = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return encode(target, offset, epochMs, LogSource.SYSTEM, data, 0, data.length, 0);
    }

    /**
     * Writes a line that marks a gap. Allocates.
     *
     * @param target where to
     * @param offset where the line is to start
     * @param epochMs milliseconds since 1970
     * @param session number of the session whose bytes are missing, 0 when they are of several
     * @param gap what is missing
     * @return length of the line in bytes
     * @throws IndexOutOfBoundsException when there is not room enough
     */
    public int encodeGap(final byte[] target, final int offset, final long epochMs, final long session, final LogGap gap) {
        final byte[] words = gap.words().getBytes(US_ASCII);
        // The key goes before the brace and the newline that end the line.
        final int end = offset + encode(target, offset, epochMs, LogSource.SYSTEM, words, 0, words.length, session) - 2;
        int at = put(target, end, (",\"gap\":{\"s\":\"" + gap.source().text() + "\",\"bytes\":").getBytes(US_ASCII));
        at = number(target, at, gap.bytes());
        at = put(target, at, (",\"cause\":\"" + gap.cause() + "\"}}\n").getBytes(US_ASCII));
        return at - offset;
    }

    private int head(final byte[] target, final int offset, final long epochMs, final LogSource source) {
        final long second = Math.floorDiv(epochMs, 1000L);
        if (second == timestampSecond && epochMs >= 0) {
            Timestamp.putMillis(timestamp, 0, epochMs);
        } else {
            Timestamp.put(timestamp, 0, epochMs);
            timestampSecond = second;
        }
        int at = put(target, offset, TIME);
        at = put(target, at, timestamp);
        at = put(target, at, SOURCE);
        at = put(target, at, source.bytes());
        return put(target, at, DATA);
    }

    private static int put(final byte[] target, final int offset, final byte[] bytes) {
        System.arraycopy(bytes, 0, target, offset, bytes.length);
        return offset + bytes.length;
    }

    private static int put(final byte[] target, final int offset, final int length, final byte[] bytes) {
        System.arraycopy(bytes, 0, target, offset, length);
        return offset + length;
    }

    private static int number(final byte[] target, final int offset, final long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = digits - 1; i >= 0; i--) {
            target[offset + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return offset + digits;
    }

    private static int escape(final byte[] target, final int targetOffset, final byte[] data, final int offset, final int length) {
        final int end = offset + length;
        int from = offset;
        int to = targetOffset;
        while (from < end) {
            if (from <= end - Long.BYTES) {
                final long word = (long) Utf8.LONG.get(data, from);
                if (isPlain(word)) {
                    Utf8.LONG.set(target, to, word);
                    from += Long.BYTES;
                    to += Long.BYTES;
                    continue;
                }
            }
            final int stop = Math.min(end, from + Long.BYTES);
            while (from < stop) {
                to = escape(target, to, data[from++]);
            }
        }
        return to;
    }

    /** Whether none of eight bytes is a quote, a backslash or below the space: the usual test for a zero byte, three times. */
    private static boolean isPlain(final long word) {
        final long quotes = word ^ '"' * ONES;
        final long backslashes = word ^ '\\' * ONES;
        final long found = word - ' ' * ONES & ~word | quotes - ONES & ~quotes | backslashes - ONES & ~backslashes;
        return (found & Utf8.HIGH_BITS) == 0;
    }

    private static int escape(final byte[] target, final int offset, final byte value) {
        if ((value >= ' ' || value < 0) && value != '"' && value != '\\') {
            target[offset] = value;
            return offset + 1;
        }
        target[offset] = '\\';
        final byte letter = switch (value) {
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\t' -> 't';
            case '\b' -> 'b';
            case '\f' -> 'f';
            case '"', '\\' -> value;
            default -> 'u';
        };
        target[offset + 1] = letter;
        if (letter != 'u') {
            return offset + 2;
        }
        target[offset + 2] = '0';
        target[offset + 3] = '0';
        target[offset + 4] = HEX[value >> 4];
        target[offset + 5] = HEX[value & 0xF];
        return offset + LONGEST_ESCAPE;
    }

    /** By pieces in memory of their own, because the JDK's encoder, which is many times as fast as a loop, takes whole arrays. */
    private int base64(final byte[] target, final int targetOffset, final byte[] data, final int offset, final int length) {
        final int end = offset + length;
        int from = offset;
        int to = targetOffset;
        for (; end - from >= plainPiece.length; from += plainPiece.length) {
            System.arraycopy(data, from, plainPiece, 0, plainPiece.length);
            to = put(target, to, BASE64_ENCODER.encode(plainPiece, encodedPiece), encodedPiece);
        }
        for (; end - from >= 3; from += 3) {
            final int bits = (data[from] & 0xFF) << 16 | (data[from + 1] & 0xFF) << 8 | data[from + 2] & 0xFF;
            target[to] = BASE64_DIGITS[bits >>> 18];
            target[to + 1] = BASE64_DIGITS[bits >>> 12 & 0x3F];
            target[to + 2] = BASE64_DIGITS[bits >>> 6 & 0x3F];
            target[to + 3] = BASE64_DIGITS[bits & 0x3F];
            to += 4;
        }
        if (from < end) {
            final boolean two = end - from == 2;
            final int bits = (data[from] & 0xFF) << 16 | (two ? (data[from + 1] & 0xFF) << 8 : 0);
            target[to] = BASE64_DIGITS[bits >>> 18];
            target[to + 1] = BASE64_DIGITS[bits >>> 12 & 0x3F];
            target[to + 2] = two ? BASE64_DIGITS[bits >>> 6 & 0x3F] : (byte) '=';
            target[to + 3] = '=';
            to += 4;
        }
        return to;
    }
}
