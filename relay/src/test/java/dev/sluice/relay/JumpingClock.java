package dev.sluice.relay;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.NanoClock;

/** The system's clock, put forward at will: long deadlines pass without being waited for. Whoever sleeps has to be woken after a jump. */
final class JumpingClock implements NanoClock {
    private final AtomicLong aheadNs = new AtomicLong();

    @Override
    public long nanoTime() {
        return System.nanoTime() + aheadNs.get();
    }

    void jump(final Duration time) {
        aheadNs.addAndGet(time.toNanos());
    }
}
