package dev.sluice.relay;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * Lets a thread wait for a descriptor until a deadline, or until another thread cancels all its waits.
 *
 * <p>One thread waits; any thread may {@link #cancel}. Closed when neither will happen any more.
 */
final class CancellableWait implements AutoCloseable {
    private static final int NO_DESCRIPTOR = -1;
    private static final int FOR_EVER = -1;

    private final Posix posix;
    private final int wakeFd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment descriptors = arena.allocate(pollfd.layout(), 2);
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
    private volatile boolean cancelled;

    CancellableWait(final Posix posix) throws PosixException {
        this.posix = posix;
        this.wakeFd = posix.eventfd(0, Linux.EFD_NONBLOCK | Linux.EFD_CLOEXEC);
        final MemorySegment wake = pollfd.asSlice(descriptors, 1);
        pollfd.fd(wake, wakeFd);
        pollfd.events(wake, (short) Linux.POLLIN);
    }

    /** Ends the present wait and every later one. */
    void cancel() {
        cancelled = true;
        posix.write(wakeFd, one.address(), Long.BYTES);
    }

    boolean isCancelled() {
        return cancelled;
    }

    /** {@return true when the descriptor is ready, false when cancelled} */
    boolean until(final int fd, final int events) throws PosixException {
        while (!cancelled) {
            if (poll(fd, events, FOR_EVER)) {
                return true;
            }
        }
        return false;
    }

    /** {@return true when the descriptor is ready, false when the {@link System#nanoTime} has come, or when cancelled} */
    boolean until(final int fd, final int events, final long deadlineNs) throws PosixException {
        while (!cancelled) {
            final long leftNs = Math.max(0, deadlineNs - System.nanoTime());
            // Rounded up, so as not to spin through the last millisecond.
            if (poll(fd, events, (int) TimeUnit.NANOSECONDS.toMillis(leftNs + 999_999))) {
                return true;
            }
            if (leftNs == 0) {
                return false;
            }
        }
        return false;
    }

    /** Waits for nothing but the time, or to be cancelled. */
    void pause(final long nanos) throws PosixException {
        until(NO_DESCRIPTOR, 0, System.nanoTime() + nanos);
    }

    private boolean poll(final int fd, final int events, final int timeoutMs) throws PosixException {
        final MemorySegment wanted = pollfd.asSlice(descriptors, 0);
        pollfd.fd(wanted, fd);
        pollfd.events(wanted, (short) events);
        pollfd.revents(wanted, (short) 0);
        final int ready = posix.poll(descriptors.address(), 2, timeoutMs);
        if (ready < 0 && ready != -Errno.EINTR) {
            throw new PosixException("poll", -ready, fd);
        }
        return ready > 0 && !cancelled && pollfd.revents(wanted) != 0;
    }

    @Override
    public void close() {
        posix.closeQuietly(wakeFd);
        arena.close();
    }
}
