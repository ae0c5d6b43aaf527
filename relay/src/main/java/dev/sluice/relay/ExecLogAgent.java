package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.NanoClock;

/**
 * The thread of the exec log: a thin shell round {@link ExecLogWriter}. After work it looks again every millisecond for a while, so that a
 * busy log costs the relay no wake-ups; then it says that it sleeps, looks once more, and sleeps until it is woken.
 */
final class ExecLogAgent implements Runnable, AutoCloseable {
    private static final Logger LOG = System.getLogger(ExecLogAgent.class.getName());
    private static final long LINGER_PARK_NS = 1_000_000;
    private static final int LINGER_PARKS = 50;
    /** It looks this often whatever happens. */
    private static final long LONGEST_SLEEP_NS = 1_000_000_000;
    /** How long a disk that does not answer can hold up the end of the relay. */
    private static final long CLOSE_DEADLINE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ExecLogRing ring;
    private final ExecLogWriter writer;
    private final ExecLogVolume volume;
    private final ExecLogShared shared;
    private final NanoClock clock;
    private final EpochNanoClock wallClock;
    private final Posix posix;
    private final int loopWakeFd;
    private final MemorySegment one = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, 1L);
    /** Null when somebody else calls {@link #pass}. */
    private final Thread thread;
    private volatile boolean sleeping;
    private volatile boolean closing;
    /** Guarded by {@link #one}: the number of the descriptor may be somebody else's from then on. */
    private boolean loopGone;
    private int idlePasses;
    private boolean newCounts;

    ExecLogAgent(
        final ExecLogRing ring, final ExecLogVolume volume, final ExecLogShared shared, final RelayContext context, final int loopWakeFd) {
        this.ring = ring;
        this.volume = volume;
        this.shared = shared;
        this.writer = new ExecLogWriter(ring.ring(), volume, shared);
        this.clock = context.clock();
        this.wallClock = context.wallClock();
        this.posix = context.posix();
        this.loopWakeFd = loopWakeFd;
        if (context.execLogDriver() == null) {
            thread = Thread.ofPlatform().name("sluice-exec-log").daemon(true).unstarted(this);
            thread.start();
        } else {
            thread = null;
            context.execLogDriver().accept(() -> !closing && pass() > 0);
        }
    }

    /** There is something in the ring. Called by the loop; costs a fence and a look unless the thread sleeps. */
    void wake() {
        // The record is there before the look: either this sees that it sleeps, or it sees the record.
        VarHandle.fullFence();
        if (sleeping) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void run() {
        try {
            while (!closing) {
                work();
            }
            drain();
        } catch (final RuntimeException | Error e) {
            // Without its writer the log is as good as a disk that takes nothing: the ring fills up, and gaps are counted.
            shared.die();
            wakeLoop();
            LOG.log(Level.ERROR, "the exec log has ended", e);
        } finally {
            volume.close();
        }
    }

    private void work() {
        if (pass() > 0) {
            idlePasses = 0;
        } else if (++idlePasses <= LINGER_PARKS) {
            LockSupport.parkNanos(LINGER_PARK_NS);
        } else {
            if (newCounts && !closing) {
                // The loop has the counters, and may be asleep too.
                newCounts = false;
                wakeLoop();
            }
            sleeping = true;
            VarHandle.fullFence();
            if (ring.isEmpty() && !closing) {
                LockSupport.parkNanos(Math.min(LONGEST_SLEEP_NS, Math.max(1, writer.retryIn(clock.nanoTime()))));
            }
            sleeping = false;
        }
    }

    private int pass() {
        final int done = writer.doWork(clock.nanoTime(), wallClock.nanoTime() / NANOS_PER_MILLI);
        newCounts |= done > 0;
        if (done > 0 && shared.takeLoopWait()) {
            wakeLoop();
        }
        return done;
    }

    private void wakeLoop() {
        synchronized (one) {
            if (!loopGone) {
                posix.write(loopWakeFd, one.address(), Long.BYTES);
            }
        }
    }

    /** Has the disk tried twice at most: once it takes nothing, the ring is emptied without it. */
    private void drain() {
        for (int attempt = 0; attempt < 2; attempt++) {
            writer.retryNow(clock.nanoTime());
            int done = pass();
            while (done > 0) {
                done = pass();
            }
        }
    }

    /**
     * Has everything written that is in the ring, and ends the thread. Waits for that, but not for ever; whether or not the thread has
     * ended, the loop's descriptor is not written to after this has returned.
     */
    @Override
    public void close() {
        closing = true;
        if (thread == null) {
            drain();
            volume.close();
        } else {
            LockSupport.unpark(thread);
            if (!ThreadEnd.await(thread, CLOSE_DEADLINE_NS)) {
                LOG.log(Level.WARNING, "the exec log is not written to its end: the disk has not answered for {0} s",
                    TimeUnit.NANOSECONDS.toSeconds(CLOSE_DEADLINE_NS));
            }
        }
        synchronized (one) {
            loopGone = true;
        }
    }
}
