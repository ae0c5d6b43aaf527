package dev.sluice.relay;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every number that bounds what a relay holds, takes or waits for. This table is the one place that knows them: {@link RelayContext} checks
 * against it, the command line has an option for each, and the documentation lists it.
 *
 * <p>Values are plain longs: a count, bytes, or nanoseconds, as {@link #unit} says.
 */
public enum RelayLimit {
    /** Clients connected at once. More than there are ranges of ids cannot be. */
    MAX_CLIENTS("max-clients", Unit.COUNT, RangeTable.RANGES, 1, RangeTable.RANGES, "clients connected at once"),
    /**
     * Bytes that wait for one client; a power of two. Smallest and default size coincide: Sluice's own clients grant a guest just less than
     * this together, and a smaller buffer would break the promise that windows make.
     */
    CLIENT_BUFFER("client-buffer", Unit.BYTES, 1L << 20, 1L << 20, 1L << 28,
        "what waits for one client that does not read, a power of two"),
    /** Buffers for frames longer than a client's own input memory; 4 MiB each. */
    ASSEMBLY_BUFFERS("assembly-buffers", Unit.COUNT, 8, 1, RangeTable.RANGES, "long frames from clients put together at once, 4M each"),
    /** How long a client may take over one long frame while others wait for the memory; bytes that trickle in are progress, too. */
    ASSEMBLY_TIME("assembly-time", Unit.TIME, seconds(2), millis(1), Unit.YEAR,
        "how long a long frame may take to come while others wait for its buffer"),
    /** Time a guest has from the opening of its port to core.ready. Booting under emulation takes several seconds. */
    READY_DEADLINE("ready-deadline", Unit.TIME, seconds(60), millis(1), Unit.YEAR,
        "how long a guest may take to become ready; from the start for the first, without which the relay ends"),
    /** How long a client without windows may hold up the others before it is evicted. */
    HEAD_OF_LINE_LIMIT("head-of-line-limit", Unit.TIME, millis(100), millis(1), Unit.YEAR,
        "how long a client that does not read may hold up the others before it is evicted"),
    /** How long a client may hold up the others in all, half of all time being forgiven. */
    HEAD_OF_LINE_BUDGET("head-of-line-budget", Unit.TIME, seconds(1), millis(1), Unit.YEAR,
        "how long a client may hold up the others in sum; half of all time is forgiven"),
    /** How long the relay waits for a client or a guest that makes no progress, where nothing shorter applies. */
    STALL_DEADLINE("stall-deadline", Unit.TIME, seconds(30), millis(1), Unit.YEAR,
        "how long somebody who makes no progress is waited for, the guest included"),
    /** Longer than this without running, as when it was stopped or had no CPU, and the relay puts its deadlines off by that time. */
    PAUSE_TOLERANCE("pause-tolerance", Unit.TIME, seconds(1), millis(1), Unit.YEAR,
        "how long the relay may not run, as when stopped, before that puts its deadlines off"),
    /** How long a client that sends no more, and has no session open, may still get answers. */
    HALF_CLOSE_LINGER("half-close-linger", Unit.TIME, seconds(2), 0, Unit.YEAR,
        "how long a client that sends no more may wait for answers, after its sessions"),
    /** How often the relay looks whether its sockets are still at their paths, and makes them again if not; 0 for never. */
    SOCKET_CHECK_INTERVAL("socket-check-interval", Unit.TIME, seconds(10), 0, Unit.YEAR,
        "how often sockets that a cleaner removed are made again; 0: never"),
    /** How long a range waits for the sessions of a client that left. */
    QUARANTINE_DEADLINE("quarantine-deadline", Unit.TIME, seconds(60), millis(1), Unit.YEAR,
        "how long ids of a client that left wait for its sessions to end"),
    /** How long clients have to take their last bytes when the relay or the guest ends. */
    DRAIN_DEADLINE("drain-deadline", Unit.TIME, seconds(2), millis(1), Unit.YEAR, "how long clients have to take their last bytes"),
    /** How long a guest has to write its file systems back after core.shutdown before the relay ends. */
    SHUTDOWN_FLUSH("shutdown-flush", Unit.TIME, seconds(2), millis(1), Unit.YEAR,
        "how long the guest has to end after core.shutdown"),
    /** The relay ends after this time without an open session or a byte from a client; 0 for never. */
    IDLE_TIMEOUT("idle-timeout", Unit.TIME, 0, 0, Unit.YEAR, "ends after this time without a session or a byte from a client; 0: never"),
    /** The relay ends after this time; 0 for never. */
    MAX_DURATION("max-duration", Unit.TIME, 0, 0, Unit.YEAR, "ends after this time; 0: never"),
    /** How often guests that know core.clock.sync are told the time of day; 0 for never. */
    CLOCK_SYNC_INTERVAL("clock-sync-interval", Unit.TIME, seconds(60), 0, Unit.YEAR,
        "how often a guest that understands it is told the time; 0: never"),
    /** A file of the exec log that would get longer is rotated; 0 for never. Any line fits into the smallest. */
    EXEC_LOG_FILE_BYTES("exec-log-file-bytes", Unit.BYTES, 10L << 20, 0, 1L << 40,
        "longest file of the exec log before it is rotated, at least 256K; 0: never"),
    /** Rotated files that are kept beside the one that is written to. Readers know no more than three. */
    EXEC_LOG_FILES("exec-log-files", Unit.COUNT, 3, 1, 3, "rotated files of the exec log that are kept"),
    /** What is recorded of one session's output, both streams together; the rest is counted. 0 for all of it. */
    EXEC_LOG_SESSION_BYTES("exec-log-session-bytes", Unit.BYTES, 0, 0, 1L << 50,
        "how much of one session's output goes to the exec log; the rest is counted; 0: all"),
    /** What waits for the disk; a power of two. The room for sessions with windows is part of it. */
    EXEC_LOG_BUFFER("exec-log-buffer", Unit.BYTES, 8L << 20, 1L << 19, 1L << 28,
        "output that waits to be written to the exec log, a power of two");

    /** What a limit's number means. */
    public enum Unit {
        /** How many. */
        COUNT,
        /** Bytes; K, M and G are powers of 1024 in text. */
        BYTES,
        /** Nanoseconds; ms, s, m, h in text, and seconds when nothing is said. */
        TIME;

        static final long YEAR = Duration.ofDays(365).toNanos();

        private static final Pattern TEXT = Pattern.compile("([0-9]{1,15})([a-zA-Z]*)");

        /**
         * Reads a value as people write it, such as {@code 16}, {@code 2M}, {@code 250ms} or {@code 5m}. Every number on a command line
         * is read so.
         *
         * @param text the text
         * @param max the largest value allowed, in this unit
         * @return the value in this unit; empty when the text is not understood or means more
         */
        public OptionalLong parse(final String text, final long max) {
            final Matcher matcher = TEXT.matcher(text);
            if (!matcher.matches()) {
                return OptionalLong.empty();
            }
            final long factor = factor(matcher.group(2).toLowerCase(Locale.ROOT));
            final long number = Long.parseLong(matcher.group(1));
            // Compared by division: a product could wrap round to something that is allowed.
            return factor == 0 || number > max / factor ? OptionalLong.empty() : OptionalLong.of(number * factor);
        }

        /**
         * Writes a value as {@link #parse} reads it.
         *
         * @param value in this unit
         * @return the text
         */
        public String format(final long value) {
            return switch (this) {
                case COUNT -> Long.toString(value);
                case BYTES -> largest(value, new long[] {1L << 30, 1L << 20, 1L << 10}, new String[] {"G", "M", "K"}, "");
                case TIME -> value % millis(1) != 0
                    ? value + "ns"
                    : largest(value / millis(1), new long[] {3_600_000, 60_000, 1000}, new String[] {"h", "m", "s"}, "ms");
            };
        }

        /**
         * What is wrong with a text that is not allowed, for messages; every number on a command line is refused so.
         *
         * @param text the text
         * @param allowed what is
         * @return for example {@code '1d' is no time: write it as 250ms, 30s, 5m or 2h (allowed: 0 to 8760h)}
         */
        public String refusal(final String text, final String allowed) {
            return "'" + text + "'" + (parse(text, Long.MAX_VALUE).isPresent() ? "" : wrongForm()) + " (allowed: " + allowed + ")";
        }

        private String wrongForm() {
            return switch (this) {
                case COUNT -> " is no number";
                case BYTES -> " is no size: write it as 65536, 512K, 8M or 1G";
                case TIME -> " is no time: write it as 250ms, 30s, 5m or 2h";
            };
        }

        private long factor(final String suffix) {
            return switch (this) {
                case COUNT -> suffix.isEmpty() ? 1 : 0;
                case BYTES -> switch (suffix) {
                    case "" -> 1;
                    case "k" -> 1L << 10;
                    case "m" -> 1L << 20;
                    case "g" -> 1L << 30;
                    default -> 0;
                };
                case TIME -> switch (suffix) {
                    case "ms" -> millis(1);
                    case "", "s" -> seconds(1);
                    case "m" -> seconds(60);
                    case "h" -> seconds(3600);
                    default -> 0;
                };
            };
        }

        private static String largest(final long value, final long[] factors, final String[] suffixes, final String otherwise) {
            for (int i = 0; value != 0 && i < factors.length; i++) {
                if (value % factors[i] == 0) {
                    return value / factors[i] + suffixes[i];
                }
            }
            return value == 0 ? "0" : value + otherwise;
        }
    }

    private static final long SMALLEST_LOG_FILE = 1L << 18;

    private final String option;
    private final Unit unit;
    private final long defaultValue;
    private final long min;
    private final long max;
    private final String description;

    RelayLimit(final String option, final Unit unit, final long defaultValue, final long min, final long max, final String description) {
        this.option = option;
        this.unit = unit;
        this.defaultValue = defaultValue;
        this.min = min;
        this.max = max;
        this.description = description;
    }

    private static long seconds(final long value) {
        return Duration.ofSeconds(value).toNanos();
    }

    private static long millis(final long value) {
        return Duration.ofMillis(value).toNanos();
    }

    /** {@return its name as an option, without dashes in front} */
    public String option() {
        return option;
    }

    /** {@return what its number means} */
    public Unit unit() {
        return unit;
    }

    /** {@return the value that holds when none is set} */
    public long defaultValue() {
        return defaultValue;
    }

    /** {@return the smallest value allowed} */
    public long min() {
        return min;
    }

    /** {@return the largest value allowed} */
    public long max() {
        return max;
    }

    /** {@return what it bounds, in a few words} */
    public String description() {
        return description;
    }

    /**
     * Checks a value.
     *
     * @param value in this limit's unit
     * @return the value
     * @throws IllegalArgumentException naming the limit, the value and what is allowed
     */
    public long check(final long value) {
        if (!isAllowed(value)) {
            throw new IllegalArgumentException(option + ": " + format(value) + " (allowed: " + allowed() + ")");
        }
        return value;
    }

    private boolean isAllowed(final long value) {
        final boolean form = switch (this) {
            case CLIENT_BUFFER, EXEC_LOG_BUFFER -> Long.bitCount(value) == 1;
            case EXEC_LOG_FILE_BYTES -> value == 0 || value >= SMALLEST_LOG_FILE;
            default -> true;
        };
        return value >= min && value <= max && form;
    }

    /**
     * Reads a value as people write it, such as {@code 16}, {@code 2M}, {@code 250ms} or {@code 5m}.
     *
     * @param text the text
     * @return the value in this limit's unit, checked
     * @throws IllegalArgumentException naming the limit, the text and what is allowed
     */
    public long parse(final String text) {
        final OptionalLong value = unit.parse(text, max);
        if (value.isEmpty() || !isAllowed(value.getAsLong())) {
            throw new IllegalArgumentException(option + ": " + unit.refusal(text, allowed()));
        }
        return value.getAsLong();
    }

    /**
     * Writes a value as {@link #parse} reads it.
     *
     * @param value in this limit's unit
     * @return the text
     */
    public String format(final long value) {
        return unit.format(value);
    }

    private String allowed() {
        final String form = switch (this) {
            case CLIENT_BUFFER, EXEC_LOG_BUFFER -> ", a power of two";
            case EXEC_LOG_FILE_BYTES -> ", nothing between 0 and " + format(SMALLEST_LOG_FILE);
            default -> "";
        };
        return format(min) + " to " + format(max) + form;
    }
}
