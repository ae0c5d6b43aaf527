package dev.sluice.client;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Shares out what a connection may have under way towards it. The windows of all its streams together never exceed {@link #TOTAL}, so
 * that, whatever its callers do not read, the relay can hold it all for them and nobody else is kept waiting.
 *
 * <p>A session starts with small windows. They grow while their streams are read, except into the reserve that is kept for sessions to
 * come, and shrink again, as they are read, when the reserve runs low or when a much smaller one could not grow. Thread safe; nothing but
 * {@link #takeInitial} waits.
 */
final class ReceiveBudget {
    /** What a relay holds for one client, 1 MiB, less room for frames that windows do not count; bytes on the wire. */
    static final int TOTAL = 960 * 1024;
    /** Window of a stream that starts while there is plenty. */
    static final int INITIAL_WINDOW = 16 * 1024;
    /** Smallest window of a stream; 120 sessions can have it at once. */
    static final int MIN_WINDOW = 4 * 1024;
    /** Largest window of a stream: less than half of the total, so that one that nobody reads leaves others as much. */
    static final int MAX_WINDOW = 448 * 1024;
    /** Kept for new sessions: running ones do not grow into it. */
    static final int RESERVE = TOTAL / 4;

    private static final int NONE = Integer.MAX_VALUE;
    private static final int PATIENCE = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final RingMemory memory = new RingMemory();
    private int available = TOTAL;
    /** Size of the smallest window that could not grow. Those of more than twice its size do not, until it has. */
    private int refused = NONE;
    /** How often they are still put off: the refused one may have ended. */
    private int patience;
    private boolean closed;

    /**
     * Takes the windows that a session begins with, and waits until there is room for the smallest.
     *
     * @param streams how many streams come from the guest, 1 or 2
     * @return bytes for each stream; 0 when the budget was closed
     */
    int takeInitial(final int streams, final Deadline deadline) throws InterruptedException, DeadlineExceededException {
        lock.lockInterruptibly();
        try {
            while (!closed && available < streams * MIN_WINDOW) {
                deadline.await(
                    freed, "other sessions to end: their windows use up what this connection may receive", Outcome.NOT_SENT);
            }
            if (closed) {
                return 0;
            }
            final int window = available > TOTAL / 2 ? INITIAL_WINDOW : MIN_WINDOW;
            available -= streams * window;
            return window;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has a window grow, as far as the bytes are not in the reserve.
     *
     * @param size of the window
     * @return by how many bytes, up to its size again
     */
    int grow(final int size) {
        final int wanted = Math.min(size, MAX_WINDOW - size);
        lock.lock();
        try {
            if (refused < size / 2) {
                return 0;
            }
            final int taken = Math.clamp((long) available - RESERVE, 0, wanted);
            if (taken > 0) {
                refused = NONE;
            } else if (wanted > 0 && size < refused) {
                refused = size;
                patience = PATIENCE;
            }
            available -= taken;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells by how much a window should shrink: to the least when half of the reserve has been used up, by a quarter when one that is not
     * half as large could not grow.
     *
     * @param size of the window
     * @return bytes, 0 when there is enough for all
     */
    int excess(final int size) {
        lock.lock();
        try {
            if (available < RESERVE / 2) {
                return Math.max(0, size - MIN_WINDOW);
            }
            if (refused >= size / 2) {
                return 0;
            }
            patience--;
            if (patience == 0) {
                refused = NONE;
            }
            return patience == PATIENCE - 1 ? size / 4 : 0;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back bytes taken before. */
    void giveBack(final int bytes) {
        lock.lock();
        try {
            available += bytes;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Where what has arrived and was not read waits. */
    RingMemory memory() {
        return memory;
    }

    /** Ends every wait. */
    void close() {
        lock.lock();
        try {
            closed = true;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What nobody has taken, in bytes. */
    int available() {
        lock.lock();
        try {
            return available;
        } finally {
            lock.unlock();
        }
    }
}
