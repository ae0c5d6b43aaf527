package dev.sluice.agent;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Names of the threads on which programs are started, and so of their children until the exec: one that is the agent's own, by which a
 * {@link Guardian} knows children that are held when the agent is killed, and a number. As long as the kernel keeps names. Any thread.
 */
final class StartNames {
    /** Characters of the part that names of one agent have in common. */
    static final int PREFIX_LENGTH = 8;

    private static final int NUMBERS = 1_000_000;

    private final String prefix;
    private final AtomicInteger next = new AtomicInteger();

    StartNames(final String prefix) {
        if (prefix.length() != PREFIX_LENGTH) {
            throw new IllegalArgumentException("prefix: " + prefix);
        }
        this.prefix = prefix;
    }

    /** @return a name of 15 characters that no other start has now */
    String next() {
        final int number = Math.floorMod(next.getAndIncrement(), NUMBERS);
        return String.format("%s-%06d", prefix, number);
    }
}
