package dev.sluice.simulator;

/** What the guest's console is made of. */
enum Transport {
    /** The relay dials a socket that the world listens on. */
    UNIX("unix"),
    /** The relay listens. */
    UNIX_LISTEN("unix-listen"),
    /** The relay hands a shared-memory ring over. */
    RING("ring");

    private final String word;

    Transport(final String word) {
        this.word = word;
    }

    /** @return the word in front of the path in a port address */
    String word() {
        return word;
    }
}
