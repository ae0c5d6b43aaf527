package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

/**
 * What other threads hand to the loop, each piece as what the loop's thread is to do with it: launched programs, results of file work, and
 * the wish that it ends. Its descriptor becomes readable when there is something. Everything may be called from any thread.
 */
final class Mailbox implements AutoCloseable {
    private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, 1);

    private final Posix posix;
    private final int fd;
    private final ArrayDeque<Runnable> mail = new ArrayDeque<>();
    private boolean closed;

    /**
     * An empty mailbox.
     *
     * @param posix the calls
     * @throws PosixException if there is no descriptor left
     */
    Mailbox(final Posix posix) throws PosixException {
        this.posix = posix;
        this.fd = posix.eventfd(0, Linux.EFD_CLOEXEC | Linux.EFD_NONBLOCK);
    }

    /** @return the descriptor to watch for EPOLLIN */
    int fd() {
        return fd;
    }

    /**
     * Has the loop's thread do something.
     *
     * @param delivery what to do, without waiting or throwing; also called when the loop has ended but its owner still takes mail
     * @return false when nobody will ever look again: what was to be delivered stays the caller's
     */
    synchronized boolean offer(final Runnable delivery) {
        if (closed) {
            return false;
        }
        mail.add(delivery);
        wake();
        return true;
    }

    /** @return the next delivery, or null */
    synchronized Runnable poll() {
        return mail.poll();
    }

    /** Makes the descriptor readable; without effect after the end. */
    synchronized void wake() {
        if (!closed) {
            // Fails only when the counter is full, and then it is readable.
            posix.write(fd, ONE.address(), Long.BYTES);
        }
    }

    /**
     * Takes note of a wake-up: before looking for what it was about.
     *
     * @param scratch eight bytes of native memory
     */
    void drain(final MemorySegment scratch) {
        posix.read(fd, scratch.address(), Long.BYTES);
    }

    /** Refuses everything from now on. What is in it stays to be polled. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            posix.closeQuietly(fd);
        }
    }
}
