package dev.sluice.execlog;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Bytes that were not recorded.
 *
 * @param source which stream they are of: not {@link LogSource#SYSTEM}
 * @param bytes how many, at least 1
 * @param cause why: the symbol of an error number such as {@code ENOSPC}, {@link #BEHIND} or {@link #QUOTA}
 */
public record LogGap(LogSource source, long bytes, String cause) {
    /** The cause when the log could not keep up with what was to be recorded. */
    public static final String BEHIND = "behind";
    /** The cause when no more of a session was to be recorded. */
    public static final String QUOTA = "quota";

    private static final Pattern CAUSE = Pattern.compile("[A-Za-z0-9_-]{1,32}");

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException when one is not allowed; the cause is letters, digits, - and _, at most 32
     */
    public LogGap {
        Objects.requireNonNull(source, "source");
        if (source == LogSource.SYSTEM || bytes < 1 || !CAUSE.matcher(cause).matches()) {
            throw new IllegalArgumentException("gap: source=" + source + " bytes=" + bytes + " cause=" + cause);
        }
    }

    /** The text for readers that do not know gaps. */
    String words() {
        return "--- gap: " + bytes + " bytes of " + source.text() + " lost: " + cause + " ---\n";
    }
}
