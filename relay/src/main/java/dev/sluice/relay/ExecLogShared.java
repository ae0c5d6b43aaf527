package dev.sluice.relay;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What the relay's loop and its log writer tell each other beside the ring: counts, flags, and how much of each session's output is
 * accounted for. Every value has one writer.
 */
final class ExecLogShared {
    /** Sessions with credit at once. */
    static final int SLOTS = 1024;

    private static final RelayCounter[] COUNTERS = {
        RelayCounter.EXEC_LOG_LINES, RelayCounter.EXEC_LOG_BYTES, RelayCounter.EXEC_LOG_GAPS, RelayCounter.EXEC_LOG_BYTES_FAILED,
        RelayCounter.EXEC_LOG_ERRORS, RelayCounter.EXEC_LOG_REPAIRED, RelayCounter.EXEC_LOG_ROTATIONS, RelayCounter.EXEC_LOG_REOPENED};

    private final AtomicLongArray counts = new AtomicLongArray(RelayCounter.values().length);
    private final AtomicLongArray accounted = new AtomicLongArray(2 * SLOTS);
    private volatile boolean failing;
    private volatile boolean dead;
    private volatile boolean loopWaits;

    /** Counts; the writer alone. */
    void count(final RelayCounter counter, final long amount) {
        final int index = counter.ordinal();
        counts.setOpaque(index, counts.getPlain(index) + amount);
    }

    long count(final RelayCounter counter) {
        return counts.getOpaque(counter.ordinal());
    }

    /** Hands the writer's counts over to the relay's counters; the loop alone, which is their only writer. */
    void publish(final RelayCounters counters) {
        for (final RelayCounter counter : COUNTERS) {
            counters.set(counter, count(counter));
        }
    }

    /** {@return whether the disk takes nothing at present} */
    boolean failing() {
        return failing;
    }

    void failing(final boolean value) {
        failing = value;
    }

    /** {@return whether nobody writes any more: nothing is accounted for from here on} */
    boolean dead() {
        return dead;
    }

    /** The writer has ended where it should not have. */
    void die() {
        dead = true;
        failing = true;
    }

    /** The loop is to be woken up when there is more room, or more accounted for; it looks once more after this. */
    void loopWaits() {
        loopWaits = true;
        VarHandle.fullFence();
    }

    /** {@return whether the loop waits, which is over by this call; the writer calls it behind what the loop may wait for} */
    boolean takeLoopWait() {
        // What was done is there before the look: either this sees that the loop waits, or the loop sees what it waits for.
        VarHandle.fullFence();
        final boolean waits = loopWaits;
        if (waits) {
            loopWaits = false;
        }
        return waits;
    }

    /** Says that more bytes of a stream are recorded, or counted as lost; the writer alone. */
    void account(final int stream, final long bytes) {
        accounted.setRelease(stream, accounted.getPlain(stream) + bytes);
    }

    /** {@return how many bytes were accounted for since the relay began, of all sessions that had this place} */
    long accounted(final int stream) {
        return accounted.getAcquire(stream);
    }
}
