package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import java.util.ArrayList;
import java.util.List;

/**
 * An open file: what descriptors refer to. It lives until the last reference is given up, as struct file does.
 *
 * <p>Calls return what the system call would: a count, or the negated errno.
 */
abstract class SimFile {
    private final List<SimEpoll.Watch> watches = new ArrayList<>(1);
    private int references;
    private boolean nonBlocking;

    /** @return the epoll events that hold now */
    abstract int events();

    /** The last reference is gone. */
    abstract void released();

    /** @return what it is, for traces */
    abstract String describe();

    long read(final long address, final long length) {
        return -Errno.EINVAL;
    }

    long write(final long address, final long length) {
        return -Errno.EINVAL;
    }

    int truncate(final long length) {
        return -Errno.EINVAL;
    }

    long seek(final long offset, final int whence) {
        return -Errno.ESPIPE;
    }

    /** @return what stands in for it once its process is dead, so that the objects of the program can be cleared away without effect */
    SimFile detached() {
        return this;
    }

    final boolean isNonBlocking() {
        return nonBlocking;
    }

    final void nonBlocking(final boolean value) {
        nonBlocking = value;
    }

    final void retain() {
        references++;
    }

    final void release() {
        if (--references == 0) {
            for (final SimEpoll.Watch watch : List.copyOf(watches)) {
                watch.epoll().forget(watch);
            }
            released();
        }
    }

    final void watched(final SimEpoll.Watch watch) {
        watches.add(watch);
    }

    final void unwatched(final SimEpoll.Watch watch) {
        watches.remove(watch);
    }

    /** Wakes whoever waits for one of these events; 0 wakes everybody, which is what changes of state do. */
    final void wake(final int events) {
        for (int i = 0; i < watches.size(); i++) {
            final SimEpoll.Watch watch = watches.get(i);
            if (events == 0 || watch.wants(events)) {
                watch.epoll().ready(watch);
            }
        }
    }
}
