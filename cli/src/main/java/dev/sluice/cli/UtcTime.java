package dev.sluice.cli;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Times as Sluice writes them for people and programs: UTC, always with milliseconds, so that they have one width. */
final class UtcTime {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private UtcTime() {
    }

    /** {@return for example {@code 2026-05-03T12:00:00.000Z}} */
    static String format(final Instant time) {
        return FORMAT.format(time);
    }
}
