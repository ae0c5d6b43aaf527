package dev.sluice.testsupport;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Seeds for tests that draw random numbers. Each seed is printed when it is drawn and named again when the test fails;
 * {@code -Dsluice.seed=N} makes every draw return N. Thread safe.
 */
public final class Seeds {
    /** The system property that replays a seed. */
    public static final String PROPERTY = "sluice.seed";

    private static final Queue<String> DRAWN = new ConcurrentLinkedQueue<>();

    private Seeds() {
    }

    /**
     * Draws a seed, or returns the one to be replayed.
     *
     * @param name what the seed is for; it is printed with the seed
     * @return the seed
     * @throws IllegalArgumentException if the property {@value #PROPERTY} is set to something that is no number
     */
    public static long next(final String name) {
        final String replay = System.getProperty(PROPERTY, "");
        // A build tool that was given no seed passes on the placeholder itself.
        final boolean drawn = replay.isEmpty() || replay.startsWith("${");
        final long seed;
        try {
            seed = drawn ? ThreadLocalRandom.current().nextLong() : Long.decode(replay);
        } catch (final NumberFormatException e) {
            throw new IllegalArgumentException(PROPERTY + " is no number: " + replay, e);
        }
        final String line = "seed of " + name + ": -D" + PROPERTY + "=" + seed;
        DRAWN.add(line);
        System.out.println(line);
        return seed;
    }

    /** Takes the lines of all seeds drawn since the last call. */
    static List<String> drain() {
        final List<String> lines = new ArrayList<>();
        for (String line = DRAWN.poll(); line != null; line = DRAWN.poll()) {
            lines.add(line);
        }
        return lines;
    }
}
