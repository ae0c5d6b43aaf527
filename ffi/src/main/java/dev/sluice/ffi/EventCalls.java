package dev.sluice.ffi;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Waiting for readiness. The downcalls of {@link FfmSyscalls}; a class of its own so that a program links what it calls.
 */
final class EventCalls {
    private static final MethodHandle POLL = Downcall.settingErrno("poll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EPOLL_CREATE1 = Downcall.settingErrno("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CTL = Downcall.settingErrno("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle EPOLL_WAIT = Downcall.settingErrno("epoll_wait", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);

    private EventCalls() {
    }

    static int poll(final long pollfdAddress, final long count, final int timeoutMillis) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) POLL.invokeExact(state, pollfdAddress, count, timeoutMillis), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int epollCreate1(final int flags) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) EPOLL_CREATE1.invokeExact(state, flags), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int epollCtl(final int epollFd, final int operation, final int fd, final long eventAddress) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) EPOLL_CTL.invokeExact(state, epollFd, operation, fd, eventAddress), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }

    static int epollWait(final int epollFd, final long eventsAddress, final int maxEvents, final int timeoutMillis) {
        final MemorySegment state = Downcall.state();
        try {
            return Downcall.result((int) EPOLL_WAIT.invokeExact(state, epollFd, eventsAddress, maxEvents, timeoutMillis), state);
        } catch (final Throwable t) {
            throw Downcall.unexpected(t);
        }
    }
}
