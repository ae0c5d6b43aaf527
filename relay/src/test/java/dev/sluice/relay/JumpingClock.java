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

    /** {@return what a relay starts from that lives by this clock, and takes a jump for time in which it ran} */
    RelayContext context() {
        return new RelayContext().clock(this).limit(RelayLimit.PAUSE_TOLERANCE, Duration.ofDays(365));
    }

    void jump(final Duration time) {
        aheadNs.addAndGet(time.toNanos());
    }
}
