package dev.sluice.execlog;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which lines of a log are wanted. Immutable; each method that narrows it gives a new one.
 *
 * <p>A line that marks a gap is chosen as the lines it stands for would be, and with {@link LogSource#SYSTEM} too: nobody who asks for the
 * output of a session is left unaware that some of it is missing.
 */
public final class LogQuery {
    /** Every line of the programs' outputs and, with them, the gaps in these; not what else the relay says. */
    public static final LogQuery OUTPUTS =
        new LogQuery(Long.MAX_VALUE, null, null, EnumSet.of(LogSource.STDOUT, LogSource.STDERR, LogSource.OUTPUT), 0, false);
    /** Every line. */
    public static final LogQuery EVERYTHING =
        new LogQuery(Long.MAX_VALUE, null, null, EnumSet.allOf(LogSource.class), 0, false);

    private final long tail;
    private final Instant since;
    private final Instant until;
    private final Set<LogSource> sources;
    private final long session;
    private final boolean follow;

    private LogQuery(
        final long tail, final Instant since, final Instant until, final Set<LogSource> sources, final long session,
        final boolean follow) {
        this.tail = tail;
        this.since = since;
        this.until = until;
        this.sources = sources;
        this.session = session;
        this.follow = follow;
    }

    /**
     * Only the last lines of those that are otherwise wanted; with {@link #follow}, the last of those there are at the start.
     *
     * @param lines how many, 0 or more
     * @return a new query
     * @throws IllegalArgumentException when the number is negative
     */
    public LogQuery tail(final long lines) {
        if (lines < 0) {
            throw new IllegalArgumentException("tail: lines=" + lines);
        }
        return new LogQuery(lines, since, until, sources, session, follow);
    }

    /**
     * Only lines of a time or later. Lines are in the order in which they were written, which is not that of their times if the host's
     * clock was set back.
     *
     * @param time the earliest wanted, or null for any
     * @return a new query
     */
    public LogQuery since(final Instant time) {
        return new LogQuery(tail, time, until, sources, session, follow);
    }

    /**
     * Only lines from before a time.
     *
     * @param time the earliest not wanted, or null for none
     * @return a new query
     */
    public LogQuery until(final Instant time) {
        return new LogQuery(tail, since, time, sources, session, follow);
    }

    /**
     * Only lines of some sources.
     *
     * @param wanted the sources, at least one
     * @return a new query
     * @throws IllegalArgumentException when there are none
     */
    public LogQuery sources(final Set<LogSource> wanted) {
        return new LogQuery(tail, since, until, EnumSet.copyOf(wanted), session, follow);
    }

    /**
     * Only lines of one session.
     *
     * @param number its number, 0 for all sessions
     * @return a new query
     */
    public LogQuery session(final long number) {
        return new LogQuery(tail, since, until, sources, number, follow);
    }

    /**
     * Also lines that are yet to be written.
     *
     * @param wanted whether they are wanted
     * @return a new query
     */
    public LogQuery follow(final boolean wanted) {
        return new LogQuery(tail, since, until, sources, session, wanted);
    }

    long tail() {
        return tail;
    }

    boolean hasTail() {
        return tail != Long.MAX_VALUE;
    }

    boolean follows() {
        return follow;
    }

    /**
     * Tells whether a line is wanted; says nothing about {@link #tail}.
     *
     * @param line the line
     * @return whether it is
     */
    public boolean matches(final LogLine line) {
        return (session == 0 || line.session() == session)
            && (sources.contains(line.source()) || sources.contains(line.stream()))
            && (since == null || !line.time().isBefore(since))
            && (until == null || line.time().isBefore(until));
    }
}
