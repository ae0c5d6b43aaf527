package dev.sluice.cli;

import dev.sluice.client.CopyStatus;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How far a copy is, in a line. */
final class ProgressLine {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final int UNIT = 1024;
    private static final int PERCENT = 100;
    private static final long MAX_LEFT_SECONDS = TimeUnit.HOURS.toSeconds(100);

    private ProgressLine() {
    }

    /**
     * Writes the line, as long as it may be at most.
     *
     * @param status  how far it is
     * @param nanos   how long it has taken
     * @param columns how many characters there is room for
     */
    static String of(final CopyStatus status, final long nanos, final int columns) {
        final double rate = status.bytes() * (double) TimeUnit.SECONDS.toNanos(1) / Math.max(1, nanos);
        final String head = String.format(Locale.ROOT, "%3d%% %10s of %10s %10s/s %s %d files ",
            percent(status), size(status.bytes()), size(status.knownBytes()), size((long) rate), left(status, rate), status.files());
        final String name = new String(
            TerminalText.name(status.currentName().getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
        return cut(head + cutFront(name, columns - head.length()), columns);
    }

    /** A number of bytes with three digits or four, as people read it. */
    static String size(final long bytes) {
        double number = bytes;
        int unit = 0;
        while (number >= UNIT && unit < UNITS.length - 1) {
            number /= UNIT;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", number, UNITS[unit]);
    }

    /** Of what has been found; files that grow, and those that have no length, make it no more than all. */
    private static int percent(final CopyStatus status) {
        return status.knownBytes() <= 0 ? 0 : (int) Math.min(PERCENT, (double) status.bytes() * PERCENT / status.knownBytes());
    }

    private static String left(final CopyStatus status, final double rate) {
        final double seconds = (status.knownBytes() - status.bytes()) / Math.max(rate, 1);
        if (rate < 1 || seconds > MAX_LEFT_SECONDS) {
            return "--:--";
        }
        final long whole = Math.max(0, (long) Math.ceil(seconds));
        return whole >= TimeUnit.HOURS.toSeconds(1)
            ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
            : String.format(Locale.ROOT, "%02d:%02d", whole / 60, whole % 60);
    }

    private static String cut(final String text, final int columns) {
        return text.length() <= columns ? text : text.substring(0, Math.max(0, columns));
    }

    /** The end of a path says more than its beginning. */
    private static String cutFront(final String name, final int columns) {
        return name.length() <= columns || columns < 3 ? name : "..." + name.substring(name.length() - columns + 3);
    }
}
