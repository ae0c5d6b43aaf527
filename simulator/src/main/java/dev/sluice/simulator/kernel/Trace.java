package dev.sluice.simulator.kernel;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What happened last, for whoever has to understand a failure: a fixed number of lines, the oldest are forgotten. A line is put into words
 * only when it is read.
 *
 * <p>One thread.
 */
public final class Trace {
    private static final long NANOS_PER_MICRO = 1000;

    private record Line(long timeNs, String who, String what, long[] values) {
        @Override
        public String toString() {
            final String numbers = Arrays.toString(values);
            return String.format("%,12d us  %-10s %s %s", timeNs / NANOS_PER_MICRO, who, what, values.length == 0 ? "" : numbers);
        }
    }

    private final SimClock clock;
    private final Line[] lines;
    private final PrintStream live;
    private long count;

    /**
     * An empty trace.
     *
     * @param clock the time that lines carry
     * @param capacity how many lines are kept, at least 1
     * @param live where lines also go at once, or null
     */
    public Trace(final SimClock clock, final int capacity, final PrintStream live) {
        this.clock = clock;
        this.lines = new Line[capacity];
        this.live = live;
    }

    /**
     * Adds a line.
     *
     * @param who acted
     * @param what they did
     * @param values numbers that belong to it
     */
    public void add(final String who, final String what, final long... values) {
        final Line line = new Line(clock.elapsedNs(), who, what, values);
        lines[(int) (count++ % lines.length)] = line;
        if (live != null) {
            live.println(line);
        }
    }

    /**
     * How much has happened: the same for two runs of one seed.
     *
     * @return how many lines were added
     */
    public long count() {
        return count;
    }

    /**
     * Reads the last lines.
     *
     * @return at most as many as are kept, oldest first
     */
    public List<String> tail() {
        final int kept = (int) Math.min(count, lines.length);
        return IntStream.range(0, kept).mapToObj(i -> lines[(int) ((count - kept + i) % lines.length)].toString()).toList();
    }
}
