package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import java.io.PrintStream;
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

    private final SimClock clock;
    private final long[] timesNs;
    private final String[] actors;
    private final String[] deeds;
    private final Object[] subjects;
    private final long[] values;
    private final long[] results;
    private final Shape[] shapes;
    private final PrintStream live;
    private long count;

    /** What belongs to a deed. */
    private enum Shape { NOTHING, SUBJECT, VALUE, TWO_VALUES, CALL }

    /**
     * An empty trace.
     *
     * @param clock the time that lines carry
     * @param capacity how many lines are kept, at least 1
     * @param live where lines also go at once, or null
     */
    public Trace(final SimClock clock, final int capacity, final PrintStream live) {
        this.clock = clock;
        this.live = live;
        timesNs = new long[capacity];
        actors = new String[capacity];
        deeds = new String[capacity];
        subjects = new Object[capacity];
        values = new long[capacity];
        results = new long[capacity];
        shapes = new Shape[capacity];
    }

    /**
     * Adds a line.
     *
     * @param who acted
     * @param what they did
     */
    public void add(final String who, final String what) {
        add(Shape.NOTHING, who, what, null, 0, 0);
    }

    /**
     * Adds a line.
     *
     * @param who acted
     * @param what they did
     * @param subject whom or what they did it to; asked for its name when the line is read
     */
    public void add(final String who, final String what, final Object subject) {
        add(Shape.SUBJECT, who, what, subject, 0, 0);
    }

    /**
     * Adds a line.
     *
     * @param who acted
     * @param what they did
     * @param value a number that belongs to it
     */
    public void add(final String who, final String what, final long value) {
        add(Shape.VALUE, who, what, null, value, 0);
    }

    /**
     * Adds a line.
     *
     * @param who acted
     * @param what they did
     * @param first a number that belongs to it
     * @param second another
     */
    public void add(final String who, final String what, final long first, final long second) {
        add(Shape.TWO_VALUES, who, what, null, first, second);
    }

    /**
     * Adds a system call.
     *
     * @param who made it
     * @param call its name
     * @param argument one of its arguments
     * @param result what it returned: a negated errno if negative
     */
    public void addCall(final String who, final String call, final long argument, final long result) {
        add(Shape.CALL, who, call, null, argument, result);
    }

    private void add(final Shape shape, final String who, final String what, final Object subject, final long value, final long result) {
        final int index = (int) (count++ % timesNs.length);
        timesNs[index] = clock.elapsedNs();
        actors[index] = who;
        deeds[index] = what;
        subjects[index] = subject;
        values[index] = value;
        results[index] = result;
        shapes[index] = shape;
        if (live != null) {
            live.println(line(index));
        }
    }

    private String line(final int index) {
        final String suffix = switch (shapes[index]) {
            case NOTHING -> "";
            case SUBJECT -> ": " + subjects[index];
            case VALUE -> " [" + values[index] + "]";
            case TWO_VALUES -> " [" + values[index] + ", " + results[index] + "]";
            case CALL -> results[index] < 0
                ? " " + Errno.name((int) -results[index]) + " [" + values[index] + "]"
                : " [" + values[index] + ", " + results[index] + "]";
        };
        return String.format("%,12d us  %-10s %s%s", timesNs[index] / NANOS_PER_MICRO, actors[index], deeds[index], suffix);
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
        final int kept = (int) Math.min(count, timesNs.length);
        return IntStream.range(0, kept).mapToObj(i -> line((int) ((count - kept + i) % timesNs.length))).toList();
    }
}
