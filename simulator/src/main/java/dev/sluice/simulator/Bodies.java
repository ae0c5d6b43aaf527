package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimRandom;

/** How long the bodies of frames are: most of them short, some around the sizes at which the relay changes its ways, a few enormous. */
final class Bodies {
    /** Up to here the relay copies bodies, above it writes them from where they lie. */
    private static final int COPIED_MOST = 4096;
    /** What a client's own input memory holds; longer frames need an assembly buffer. */
    private static final int INPUT_MEMORY = 68 * 1024;
    private static final int MARGIN = 24;

    private final int most;
    private final SimRandom random;

    Bodies(final Scenario scenario, final SimRandom random) {
        this.most = scenario.bodyMost();
        this.random = random;
    }

    /** For who means to fill buffers. */
    int drawLarge() {
        return (int) random.spread(Math.max(1, Math.min(most, INPUT_MEMORY) / 8), Math.min(most, INPUT_MEMORY));
    }

    int draw() {
        final int kind = random.below(200);
        if (kind < 20) {
            return random.below(12);
        }
        if (kind < 150) {
            return Math.min(most, random.between(12, 300));
        }
        if (kind < 165) {
            return Math.min(most, COPIED_MOST - MARGIN + random.below(2 * MARGIN));
        }
        if (kind < 170) {
            return Math.min(most, INPUT_MEMORY - MARGIN + random.below(2 * MARGIN));
        }
        if (kind < 199) {
            return (int) random.spread(1, Math.min(most, INPUT_MEMORY));
        }
        return random.chance(4) ? most : (int) random.spread(1, most);
    }
}
