package dev.sluice.client;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Shares out what a connection may have under way towards it. The windows of all its streams together never exceed {@link #TOTAL}, so
 * that, whatever its callers do not read, the relay can hold it all for them and nobody else is kept waiting.
 *
 * <p>A session starts with small windows. They grow while their streams are read, except into the reserve that is kept for sessions to
 * come, and shrink again, as they are read, when the reserve runs low. Thread safe; nothing but {@link #takeInitial} waits.
 */
final class ReceiveBudget {
    /** What a relay holds for one client, 1 MiB, less room for frames that windows do not count; bytes on the wire. */
    static final int TOTAL = 960 * 1024;
    /** Window of a stream that starts while there is plenty. */
    static final int INITIAL_WINDOW = 16 * 1024;
    /** Smallest window of a stream; 120 sessions can have it at once. */
    static final int MIN_WINDOW = 4 * 1024;
    /** Largest window of a stream. */
    static final int MAX_WINDOW = 256 * 1024;
    /** Kept for new sessions: running ones do not grow into it. */
    static final int RESERVE = TOTAL / 4;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private int available = TOTAL;
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

    /** Takes up to so many bytes more, as far as they are not in the reserve; returns how many. */
    int takeMore(final int wanted) {
        lock.lock();
        try {
            final int taken = Math.clamp((long) available - RESERVE, 0, wanted);
            available -= taken;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether half of the reserve has been used up. */
    boolean isScarce() {
        lock.lock();
        try {
            return available < RESERVE / 2;
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
