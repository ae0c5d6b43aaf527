package dev.sluice.agent;

import dev.sluice.ffi.Epoll;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.MemorySegment;

/**
 * The write end of a program's input, a pipe or a terminal, and what waits for room in it. It is watched, level triggered, from the time
 * it is found full until it wakes the loop with nothing left to write.
 *
 * <p>One owner thread.
 */
final class InputPipe {
    private static final int CLOSED = -1;
    /** A program that reads as fast as it is written to does not get the loop for itself. */
    private static final int TURN_LENGTH = 1024 * 1024;

    private final Posix posix;
    private final Epoll epoll;
    private final StdinQueue queue;
    private final long token;
    private int fd = CLOSED;
    private boolean watched;

    InputPipe(final LoopResources resources, final long token) {
        this.posix = resources.posix();
        this.epoll = resources.epoll();
        this.queue = new StdinQueue(resources.stdinMemory());
        this.token = token;
    }

    /** Takes the descriptor over. */
    void open(final int descriptor) {
        fd = descriptor;
    }

    boolean isOpen() {
        return fd != CLOSED;
    }

    /**
     * Takes bytes: writes what there is room for, and keeps the rest. Before {@link #open} everything is kept.
     *
     * @return how many were written, or -errno when the pipe is broken, and then none is kept
     */
    long put(final MemorySegment memory, final long offset, final int length) throws PosixException {
        long written = 0;
        // A sender that encodes data in several pieces has had them joined on the heap, which system calls cannot read.
        if (isOpen() && queue.isEmpty() && memory.isNative()) {
            written = posix.write(fd, memory.address() + offset, length);
            if (written < 0 && written != -Errno.EAGAIN) {
                return written;
            }
            written = Math.max(0, written);
        }
        if (written < length) {
            queue.append(memory, offset + written, (int) (length - written));
            if (isOpen()) {
                watch();
            }
        }
        return written;
    }

    /**
     * Writes what is kept, as far as there is room.
     *
     * @return how many bytes were written, or -errno when the pipe is broken
     */
    long flush() throws PosixException {
        long sum = 0;
        while (isOpen() && !queue.isEmpty() && sum < TURN_LENGTH) {
            final long written = queue.write(posix, fd);
            if (written == -Errno.EAGAIN) {
                break;
            }
            if (written < 0) {
                // What has been written before the pipe broke was for nothing, too.
                return written;
            }
            sum += written;
        }
        if (isOpen() && !queue.isEmpty()) {
            watch();
        }
        return sum;
    }

    /**
     * Epoll has reported it.
     *
     * @return whether it is broken
     */
    boolean onEvent(final int events) throws PosixException {
        if (queue.isEmpty()) {
            unwatch();
        }
        return (events & Linux.EPOLLERR) != 0;
    }

    /** Throws away what is kept, and closes the pipe. Idempotent. */
    void close() {
        queue.clear();
        if (isOpen()) {
            try {
                unwatch();
            } catch (final PosixException e) {
                // Closing the only descriptor of the pipe's end ends the watch as well.
            }
            posix.closeQuietly(fd);
            fd = CLOSED;
        }
    }

    private void watch() throws PosixException {
        if (!watched) {
            epoll.add(fd, Linux.EPOLLOUT, token);
            watched = true;
        }
    }

    private void unwatch() throws PosixException {
        if (watched) {
            watched = false;
            epoll.delete(fd);
        }
    }
}
