package dev.sluice.agent;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;

/**
 * What is left of a connection whose client has ended its stream and is gone: writes what was accepted before, tells the end, and drops
 * what still comes until the other end has ended as well. To close the socket earlier would make the kernel reset the connection as soon as
 * anything comes, and drop what it has not sent yet.
 *
 * <p>The socket is watched, level triggered, under the token that it had. One owner thread.
 */
final class LingeringSocket {
    /** As for {@link TcpConnection}: nobody gets the loop for himself. */
    private static final int TURN_LENGTH = 1024 * 1024;
    private static final int CLOSED = -1;
    private static final int NOT_WATCHED = -1;

    private final LoopResources resources;
    private final Posix posix;
    private final int id;
    private final long token;
    private final StdinQueue queue;
    private final long endNs;
    private int fd;
    private int watched = NOT_WATCHED;
    private boolean endTold;
    private boolean peerEnded;
    private boolean broken;

    /**
     * Takes a socket over that is not watched.
     *
     * @param resources of the loop
     * @param id of the session that it was part of
     * @param token of the socket's events
     * @param fd of the socket, which this closes
     * @param queue of what is still to be written; this empties it
     * @param endTold whether the other end has been told that no more comes
     * @param endNs when it is reset, whatever is left, in monotonic time
     */
    LingeringSocket(
        final LoopResources resources, final int id, final long token, final int fd, final StdinQueue queue, final boolean endTold,
        final long endNs) {
        this.resources = resources;
        this.posix = resources.posix();
        this.id = id;
        this.token = token;
        this.fd = fd;
        this.queue = queue;
        this.endTold = endTold;
        this.endNs = endNs;
    }

    /** @return the id of the session that it was part of, by now perhaps another's */
    int id() {
        return id;
    }

    /** @return whether it holds memory for what is to be written */
    boolean hasMemory() {
        return !queue.isEmpty();
    }

    /** @return nanoseconds until {@link #advance} is worth a call whatever happens */
    long remainingNs(final long nowNs) {
        return Math.max(0, endNs - nowNs);
    }

    /**
     * Goes on as far as that goes without waiting. Never throws.
     *
     * @param nowNs monotonic time
     * @return whether it is over: the socket is closed then
     */
    boolean advance(final long nowNs) {
        if (endNs - nowNs <= 0) {
            cut();
            return true;
        }
        writeRest();
        dropArrived();
        if (!broken && !(endTold && peerEnded)) {
            watch();
        }
        if (broken || endTold && peerEnded) {
            release();
            posix.closeQuietly(fd);
            fd = CLOSED;
            return true;
        }
        return false;
    }

    private void writeRest() {
        long sum = 0;
        while (!queue.isEmpty() && sum < TURN_LENGTH) {
            final long written = queue.write(posix, fd);
            if (written < 0) {
                broken |= written != -Errno.EAGAIN;
                return;
            }
            sum += written;
            resources.counters().add(AgentCounter.CONNECTION_BYTES, written);
        }
        if (queue.isEmpty() && !endTold) {
            endTold = true;
            broken |= posix.syscalls().shutdown(fd, Linux.SHUT_WR) < 0;
        }
    }

    private void dropArrived() {
        final StdinMemory.Chunk chunk = resources.stdinMemory().take();
        long sum = 0;
        while (!broken && !peerEnded && sum < TURN_LENGTH) {
            final long count = posix.read(fd, chunk.memory().address(), StdinMemory.CHUNK_LENGTH);
            if (count == -Errno.EAGAIN) {
                break;
            }
            peerEnded = count == 0;
            broken |= count < 0;
            sum += count;
        }
        resources.stdinMemory().giveBack(chunk);
    }

    private void watch() {
        final int wanted = (queue.isEmpty() ? 0 : Linux.EPOLLOUT) | (peerEnded ? 0 : Linux.EPOLLIN);
        try {
            if (watched == NOT_WATCHED) {
                resources.epoll().add(fd, wanted, token);
            } else if (watched != wanted) {
                resources.epoll().modify(fd, wanted, token);
            }
            watched = wanted;
        } catch (final PosixException e) {
            resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
            broken = true;
        }
    }

    /** Ends it whatever is left: the other end is not to take a part for the whole. Idempotent. */
    void cut() {
        if (fd != CLOSED) {
            release();
            AbortiveClose.close(posix, fd);
            fd = CLOSED;
        }
    }

    private void release() {
        queue.clear();
        if (watched != NOT_WATCHED) {
            watched = NOT_WATCHED;
            try {
                resources.epoll().delete(fd);
            } catch (final PosixException e) {
                // Closing the only descriptor of the socket ends the watch as well.
                resources.counters().increment(AgentCounter.SESSION_IO_ERRORS);
            }
        }
    }
}
