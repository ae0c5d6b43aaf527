package dev.sluice.relay;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The counters of one relay. Written by the relay's loop alone (plain read, opaque write: no locked instruction), read by any thread.
 *
 * <p>The values lie as in a counters file, {@link CountersDescriptor#VALUE_LENGTH} bytes apart, and in one when the relay has one
 * ({@link RelayContext#countersFile}).
 */
public final class RelayCounters {
    private static final VarHandle VALUE = ValueLayout.JAVA_LONG.varHandle();
    private static final int COUNT = RelayCounter.values().length;

    /** Where the loop writes. */
    private final MemorySegment values;
    /** Where everybody reads: the same, and after the end a copy. */
    private volatile MemorySegment readable;

    RelayCounters() {
        this(MemorySegment.ofArray(new long[COUNT * CountersDescriptor.VALUE_LENGTH / Long.BYTES]));
    }

    /** Counts in that memory, which has room for every counter; {@link #detach} comes before it is unmapped. */
    RelayCounters(final MemorySegment values) {
        this.values = values;
        this.readable = values;
    }

    /**
     * Reads one counter.
     *
     * @param counter which
     * @return its value; lags the loop by no more than memory does
     */
    public long get(final RelayCounter counter) {
        final long offset = offset(counter);
        try {
            return (long) VALUE.getOpaque(readable, offset);
        } catch (final IllegalStateException e) {
            // Unmapped between the two reads; the copy was there before that.
            return (long) VALUE.getOpaque(readable, offset);
        }
    }

    void increment(final RelayCounter counter) {
        add(counter, 1);
    }

    void add(final RelayCounter counter, final long amount) {
        final long offset = offset(counter);
        VALUE.setOpaque(values, offset, (long) VALUE.get(values, offset) + amount);
    }

    /** Says what a gauge stands at. */
    void set(final RelayCounter gauge, final long value) {
        VALUE.setOpaque(values, offset(gauge), value);
    }

    /** The loop has ended, and its memory may go: what it counted stays readable. */
    void detach() {
        final MemorySegment copy = MemorySegment.ofArray(new long[Math.toIntExact(values.byteSize() / Long.BYTES)]);
        readable = copy.copyFrom(values);
    }

    private static long offset(final RelayCounter counter) {
        return (long) counter.ordinal() * CountersDescriptor.VALUE_LENGTH;
    }
}
