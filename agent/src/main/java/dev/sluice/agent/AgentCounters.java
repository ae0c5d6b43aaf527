package dev.sluice.agent;

import java.util.concurrent.atomic.AtomicLongArray;

/** The counters of one agent. Written by the agent's loop alone (plain read, opaque write: no locked instruction), read by any thread. */
public final class AgentCounters {
    private final AtomicLongArray values = new AtomicLongArray(AgentCounter.values().length);

    AgentCounters() {
    }

    /**
     * Reads one counter.
     *
     * @param counter which
     * @return its value; lags the loop by no more than memory does
     */
    public long get(final AgentCounter counter) {
        return values.getOpaque(counter.ordinal());
    }

    void increment(final AgentCounter counter) {
        add(counter, 1);
    }

    void add(final AgentCounter counter, final long amount) {
        final int index = counter.ordinal();
        values.setOpaque(index, values.getPlain(index) + amount);
    }
}
