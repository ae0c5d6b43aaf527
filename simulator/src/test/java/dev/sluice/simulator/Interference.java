package dev.sluice.simulator;

/**
 * Where the ring's classes, put together anew for {@link HostileRingTest}, let the peer at the memory before each look of their own: the
 * peer that is as quick as a processor beside this one could be.
 *
 * <p>One thread.
 */
public final class Interference {
    private static Runnable peer = () -> { };
    private static boolean running;

    private Interference() {
    }

    static void by(final Runnable newPeer) {
        peer = newPeer;
    }

    /** The relay is about to look at shared memory. */
    public static void now() {
        // The peer's own end is made of the same classes.
        if (!running) {
            running = true;
            try {
                peer.run();
            } finally {
                running = false;
            }
        }
    }
}
