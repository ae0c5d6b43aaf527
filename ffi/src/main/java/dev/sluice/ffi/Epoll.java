package dev.sluice.ffi;

import dev.sluice.ffi.linux.Linux;

import java.io.Closeable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

/**
 * An epoll instance with room for the events of one wait. Nothing is allocated after creation.
 *
 * <p><b>Threads.</b> One owner thread, which may be another than the creator. <b>Ownership.</b> Owns its own descriptor, not those it
 * watches: delete a descriptor before closing it, since a duplicate elsewhere would keep it registered.
 */
public final class Epoll implements Closeable {
    private final Posix posix;
    private final int fd;
    private final int maxEvents;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment ready;
    private final MemorySegment change;
    private boolean closed;

    /**
     * Creates an instance.
     *
     * @param posix the calls
     * @param maxEvents how many events one wait can return, at least 1
     * @throws PosixException if epoll_create1 fails
     */
    public Epoll(final Posix posix, final int maxEvents) throws PosixException {
        if (maxEvents < 1) {
            throw new IllegalArgumentException("room for at least one event: maxEvents=" + maxEvents);
        }
        this.posix = posix;
        this.maxEvents = maxEvents;
        this.fd = posix.epollCreate1(Linux.EPOLL_CLOEXEC);
        this.ready = arena.allocate((long) maxEvents * Abi.EPOLL_EVENT_SIZE, Long.BYTES);
        this.change = arena.allocate(Abi.EPOLL_EVENT_SIZE, Long.BYTES);
    }

    /**
     * The instance's own descriptor.
     *
     * @return the descriptor, readable when an event is ready
     */
    public int fd() {
        return fd;
    }

    /**
     * Starts to watch a descriptor.
     *
     * @param watched the descriptor
     * @param events {@code EPOLL} flags; errors and hang-ups are always reported
     * @param token returned with each of its events
     * @throws PosixException if it cannot be watched
     */
    public void add(final int watched, final int events, final long token) throws PosixException {
        control(Linux.EPOLL_CTL_ADD, watched, events, token);
    }

    /**
     * Changes what is reported of a watched descriptor.
     *
     * @param watched the descriptor
     * @param events {@code EPOLL} flags
     * @param token returned with each of its events
     * @throws PosixException if it is not watched
     */
    public void modify(final int watched, final int events, final long token) throws PosixException {
        control(Linux.EPOLL_CTL_MOD, watched, events, token);
    }

    /**
     * Stops watching a descriptor. Events of it that the last wait returned stay readable: the caller knows which tokens are dead.
     *
     * @param watched the descriptor
     * @throws PosixException if it is not watched
     */
    public void delete(final int watched) throws PosixException {
        posix.epollCtl(fd, Linux.EPOLL_CTL_DEL, watched, 0);
    }

    /**
     * Waits for events, which {@link #events} and {@link #token} return until the next wait.
     *
     * @param timeoutMillis 0 to look only, -1 for ever
     * @return how many events there are; 0 when the time is up or a signal interrupted the wait
     * @throws PosixException if epoll_wait fails otherwise, which takes a mistake such as use after close
     */
    public int await(final int timeoutMillis) throws PosixException {
        final int count = posix.epollWait(fd, ready.address(), maxEvents, timeoutMillis);
        if (count >= 0) {
            return count;
        }
        if (count == -Errno.EINTR) {
            return 0;
        }
        throw new PosixException("epoll_wait", -count, fd, maxEvents, timeoutMillis);
    }

    /**
     * What is ready.
     *
     * @param index of an event, below what {@link #await} returned
     * @return {@code EPOLL} flags
     */
    public int events(final int index) {
        return ready.get(JAVA_INT_UNALIGNED, (long) index * Abi.EPOLL_EVENT_SIZE + Abi.EPOLL_EVENT_EVENTS_OFFSET);
    }

    /**
     * Whose event it is.
     *
     * @param index of an event, below what {@link #await} returned
     * @return the token its descriptor was added or modified with
     */
    public long token(final int index) {
        return ready.get(JAVA_LONG_UNALIGNED, (long) index * Abi.EPOLL_EVENT_SIZE + Abi.EPOLL_EVENT_DATA_OFFSET);
    }

    /** Closes the instance and frees its memory. Idempotent. The owner's loop has ended. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            posix.closeQuietly(fd);
            arena.close();
        }
    }

    private void control(final int operation, final int watched, final int events, final long token) throws PosixException {
        change.set(JAVA_INT_UNALIGNED, Abi.EPOLL_EVENT_EVENTS_OFFSET, events);
        change.set(JAVA_LONG_UNALIGNED, Abi.EPOLL_EVENT_DATA_OFFSET, token);
        posix.epollCtl(fd, operation, watched, change.address());
    }
}
