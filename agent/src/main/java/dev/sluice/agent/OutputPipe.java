package dev.sluice.agent;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.pollfd;
import java.lang.foreign.MemorySegment;

/**
 * The read end of a program's output, a pipe or a terminal, and what is known of it. It is watched, level triggered, while nothing is
 * known to be in it. Once something is, watching it says nothing new: when it wakes the loop for that, only its hang-up goes on being
 * watched, until that has come too or the pipe has been found empty.
 *
 * <p>One owner thread.
 */
final class OutputPipe {
    private static final int CLOSED = -1;

    private final Posix posix;
    private final Epoll epoll;
    private final long token;
    private int fd = CLOSED;
    private Watch watch = Watch.NOTHING;
    private boolean ready;
    private boolean hungUp;

    private enum Watch { NOTHING, HANG_UP, CONTENT }

    OutputPipe(final LoopResources resources, final long token) {
        this.posix = resources.posix();
        this.epoll = resources.epoll();
        this.token = token;
    }

    /** Takes the descriptor over. */
    void open(final int descriptor) throws PosixException {
        fd = descriptor;
        watchContent();
    }

    int fd() {
        return fd;
    }

    boolean isOpen() {
        return fd != CLOSED;
    }

    /** @return whether reading it is worth a call */
    boolean isReady() {
        return ready;
    }

    /** @return whether nobody can write to it any more */
    boolean isHungUp() {
        return hungUp;
    }

    /**
     * Looks whether anything is in it. Of a terminal FIONREAD does not tell: what was written last may still be on its way through it, and
     * polling is what hurries it along.
     *
     * @param scratch native memory for a {@code struct pollfd}
     */
    boolean isEmpty(final MemorySegment scratch) {
        final MemorySegment poll = scratch.asSlice(0, pollfd.sizeof()).fill((byte) 0);
        pollfd.fd(poll, fd);
        pollfd.events(poll, (short) Linux.POLLIN);
        final int result = posix.poll(poll.address(), 1, 0);
        return result >= 0 && (pollfd.revents(poll) & Linux.POLLIN) == 0;
    }

    /** Epoll has reported it. */
    void onEvent(final int events) throws PosixException {
        if (!isOpen()) {
            return;
        }
        hungUp |= (events & Linux.EPOLLHUP) != 0;
        if (hungUp) {
            unwatch();
        } else if (ready && watch == Watch.CONTENT) {
            epoll.modify(fd, 0, token);
            watch = Watch.HANG_UP;
        }
        ready = true;
    }

    /** Something may be in it, whatever epoll says. */
    void presumeReady() {
        ready = isOpen();
    }

    /** It has been found empty. */
    void onEmpty() throws PosixException {
        ready = false;
        watchContent();
    }

    /** Idempotent. */
    void close() {
        if (isOpen()) {
            try {
                unwatch();
            } catch (final PosixException e) {
                // Closing the only descriptor of the pipe's end ends the watch as well.
            }
            posix.closeQuietly(fd);
            fd = CLOSED;
            ready = false;
        }
    }

    private void watchContent() throws PosixException {
        switch (watch) {
            case NOTHING -> epoll.add(fd, Linux.EPOLLIN, token);
            case HANG_UP -> epoll.modify(fd, Linux.EPOLLIN, token);
            case CONTENT -> {
                return;
            }
            default -> throw new AssertionError();
        }
        watch = Watch.CONTENT;
    }

    private void unwatch() throws PosixException {
        if (watch != Watch.NOTHING) {
            watch = Watch.NOTHING;
            epoll.delete(fd);
        }
    }
}
