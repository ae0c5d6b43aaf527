package dev.sluice.execlog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Where the bytes of a line come from: the values of {@code s}. */
public enum LogSource {
    /** Standard output of a program without a terminal. */
    STDOUT("stdout"),
    /** Standard error of a program without a terminal. */
    STDERR("stderr"),
    /** Everything that a program wrote to its terminal. */
    OUTPUT("output"),
    /** What the relay says itself: start, stop and gaps. */
    SYSTEM("system");

    private static final LogSource[] VALUES = values();

    private final String text;
    private final byte[] bytes;

    LogSource(final String text) {
        this.text = text;
        this.bytes = text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The source's name in a log.
     *
     * @return the text of {@code s}
     */
    public String text() {
        return text;
    }

    /**
     * Finds a source by its ordinal, without a copy of all values.
     *
     * @param ordinal 0 to 3
     * @return the source
     * @throws IndexOutOfBoundsException when there is none
     */
    public static LogSource of(final int ordinal) {
        return VALUES[ordinal];
    }

    /**
     * Finds a source by its name in a log.
     *
     * @param text the text of {@code s}
     * @return the source, or null when there is none of that name
     */
    public static LogSource ofText(final String text) {
        for (final LogSource source : VALUES) {
            if (source.text.equals(text)) {
                return source;
            }
        }
        return null;
    }

    byte[] bytes() {
        return bytes;
    }

    static LogSource of(final byte[] name, final int length) {
        for (final LogSource source : VALUES) {
            if (Arrays.equals(source.bytes, 0, source.bytes.length, name, 0, length)) {
                return source;
            }
        }
        return null;
    }
}
