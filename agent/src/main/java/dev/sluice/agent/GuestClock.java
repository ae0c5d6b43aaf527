package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.timespec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.EpochNanoClock;

/**
 * Sets the machine's clock to the host's, when they differ by more than {@link #TOLERANCE_NS}: a guest that was paused, or moved, comes
 * back
 * in the past. Source: relay protocol, generation 7, section 5.9.
 *
 * <p>One owner thread.
 */
final class GuestClock {
    /** Less than this is not worth a jump: the frame has been under way for some of it. */
    static final long TOLERANCE_NS = 100_000_000;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Posix posix;
    private final EpochNanoClock wallClock;
    private final AgentCounters counters;
    private final AgentListener listener;
    private boolean failureTold;

    /**
     * A clock that may be set.
     *
     * @param posix the calls
     * @param wallClock tells what it shows
     * @param counters of the agent
     * @param listener told, once, that it cannot be set
     */
    GuestClock(final Posix posix, final EpochNanoClock wallClock, final AgentCounters counters, final AgentListener listener) {
        this.posix = posix;
        this.wallClock = wallClock;
        this.counters = counters;
        this.listener = listener;
    }

    /**
     * The host has told the time.
     *
     * @param unixTimeNs nanoseconds since 1970
     */
    void sync(final long unixTimeNs) {
        if (unixTimeNs < 0 || Math.abs(unixTimeNs - wallClock.nanoTime()) <= TOLERANCE_NS) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment time = timespec.allocate(arena);
            timespec.tv_sec(time, unixTimeNs / NANOS_PER_SECOND);
            timespec.tv_nsec(time, unixTimeNs % NANOS_PER_SECOND);
            final int result = posix.syscalls().clockSettime(Linux.CLOCK_REALTIME, time.address());
            counters.increment(result < 0 ? AgentCounter.CLOCK_FAILURES : AgentCounter.CLOCK_STEPS);
            if (result < 0 && !failureTold) {
                failureTold = true;
                listener.onWarning("the clock cannot be set: " + Errno.text(-result) + ": run the agent with CAP_SYS_TIME");
            }
        }
    }
}
