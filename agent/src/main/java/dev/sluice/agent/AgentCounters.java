package dev.sluice.agent;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The counters of one agent. Each has one writer, the loop for all but those of heartbeats (plain read, opaque write: no locked
 * instruction), read by any thread.
 */
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

    /**
     * Signs of activity in either direction, touches among them: a number that only grows. Source: relay protocol, generation 7, section
     * 5.3.
     *
     * @return how many there have been
     */
    public long activity() {
        return get(AgentCounter.ACTIVE_FRAMES_IN) + get(AgentCounter.TOUCHES) + get(AgentCounter.FRAMES_OUT)
            - get(AgentCounter.IDLE_FRAMES_OUT);
    }

    void increment(final AgentCounter counter) {
        add(counter, 1);
    }

    void set(final AgentCounter counter, final long value) {
        values.setOpaque(counter.ordinal(), value);
    }

    void add(final AgentCounter counter, final long amount) {
        final int index = counter.ordinal();
        values.setOpaque(index, values.getPlain(index) + amount);
    }
}
