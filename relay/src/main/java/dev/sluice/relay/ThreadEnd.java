package dev.sluice.relay;

import java.time.Duration;

/** Waits for threads that have been told to end. */
final class ThreadEnd {
    private ThreadEnd() {
    }

    /**
     * Waits also when the caller is interrupted, which it stays: what the thread still has to do is owed to others.
     *
     * @param atMostNs how long
     * @return whether the thread has ended
     */
    static boolean await(final Thread thread, final long atMostNs) {
        final long deadlineNs = System.nanoTime() + atMostNs;
        boolean interrupted = false;
        boolean ended = !thread.isAlive();
        while (!ended && deadlineNs - System.nanoTime() > 0) {
            try {
                ended = thread.join(Duration.ofNanos(Math.max(1, deadlineNs - System.nanoTime())));
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }
}
