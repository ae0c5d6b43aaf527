package dev.sluice.relay;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The counters of one relay. Written by the relay's loop alone (plain read, opaque write: no locked instruction), read by any thread.
 */
public final class RelayCounters {
    private final AtomicLongArray values = new AtomicLongArray(RelayCounter.values().length);

    RelayCounters() {
    }

    /**
     * Reads one counter.
     *
     * @param counter which
     * @return its value; lags the loop by no more than memory does
     */
    public long get(final RelayCounter counter) {
        return values.getOpaque(counter.ordinal());
    }

    void increment(final RelayCounter counter) {
        add(counter, 1);
    }

    void add(final RelayCounter counter, final long amount) {
        final int index = counter.ordinal();
        values.setOpaque(index, values.getPlain(index) + amount);
    }
}
