package dev.sluice.simulator.kernel;

import org.agrona.concurrent.NanoClock;

/**
 * Virtual monotonic time. It moves when somebody moves it and at no other moment.
 *
 * <p>One thread.
 */
public final class SimClock implements NanoClock {
    private final long originNs;
    private long nowNs;

    /**
     * A clock at its origin.
     *
     * @param originNs what {@link #nanoTime} starts at; any number, since nobody may rely on it
     */
    public SimClock(final long originNs) {
        this.originNs = originNs;
        this.nowNs = originNs;
    }

    /** {@return the time in nanoseconds; only differences mean anything} */
    @Override
    public long nanoTime() {
        return nowNs;
    }

    /** {@return nanoseconds since the simulation began} */
    public long elapsedNs() {
        return nowNs - originNs;
    }

    /**
     * Lets time pass.
     *
     * @param nanos how much, 0 or more
     */
    public void advance(final long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("time does not go back: nanos=" + nanos);
        }
        nowNs += nanos;
    }
}
