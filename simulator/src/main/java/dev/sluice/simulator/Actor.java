package dev.sluice.simulator;

/**
 * Somebody in the simulated world who is not the relay: does a little each time it is let, and says whether that got anything done.
 */
abstract class Actor {
    private long dueNs;
    private int idleSteps;

    /** Does a little. @return whether there may be more to do right away */
    abstract boolean step();

    /** @return a name for traces */
    abstract String name();

    long dueNs() {
        return dueNs;
    }

    void dueNs(final long value) {
        dueNs = value;
    }

    /** Counts steps that got nothing done. @return how many in a row */
    int idle(final boolean progress) {
        idleSteps = progress ? 0 : idleSteps + 1;
        return idleSteps;
    }
}
