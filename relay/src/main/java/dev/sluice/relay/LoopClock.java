package dev.sluice.relay;

import org.agrona.concurrent.NanoClock;

/**
 * Time as the relay's loop has lived it. Whatever the relay did not see, because it was stopped or had no CPU, nobody is blamed for: others
 * may have been stopped with it, and get to say something first. So time in which it did not run counts as none. Of a sleep that lasted
 * too long half of what it was meant to last counts, which is not too much, and lets what is due come nearer each time even if every sleep
 * lasts too long.
 *
 * <p>One owner thread.
 */
final class LoopClock {
    private final NanoClock clock;
    private final long toleranceNs;
    /** How far {@link #clock} is ahead of this one. */
    private long missedNs;
    private long lastNs;
    private long newlyMissedNs;

    /**
     * A clock that goes on from another's time.
     *
     * @param clock tells the time in which others live
     * @param toleranceNs longer than this between two looks, beyond what was expected, and the relay did not run
     */
    LoopClock(final NanoClock clock, final long toleranceNs) {
        this.clock = clock;
        this.toleranceNs = toleranceNs;
        lastNs = clock.nanoTime();
    }

    /**
     * {@return the time}
     *
     * @param expectedNs how long ago the last look was at most, if the relay was let run: nothing after work, the timeout after a sleep,
     *     and {@link Long#MAX_VALUE} after one without, when nothing was due that could be overdue now
     */
    long now(final long expectedNs) {
        final long nowNs = clock.nanoTime() - missedNs;
        final long elapsedNs = nowNs - lastNs;
        if (elapsedNs - toleranceNs <= expectedNs) {
            lastNs = nowNs;
            return nowNs;
        }
        final long creditedNs = expectedNs / 2;
        missedNs += elapsedNs - creditedNs;
        newlyMissedNs += elapsedNs - creditedNs;
        lastNs += creditedNs;
        return lastNs;
    }

    /** {@return for how long the relay did not run since the last call, in ns; mostly 0} */
    long takeMissed() {
        final long missed = newlyMissedNs;
        newlyMissedNs = 0;
        return missed;
    }
}
