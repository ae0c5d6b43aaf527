package dev.sluice.simulator;

/** The life of one agent, from its core.ready to its end. */
final class Epoch {
    private final int index;
    private final int port;
    private final Frame ready;
    private final int generation;
    private final long begunNs;
    private boolean over;
    private boolean lying;
    private long endedNs;

    Epoch(final int index, final int port, final Frame ready, final int generation, final long begunNs) {
        this.index = index;
        this.port = port;
        this.ready = ready;
        this.generation = generation;
        this.begunNs = begunNs;
    }

    /** @return when it was about to say that it is ready */
    long begunNs() {
        return begunNs;
    }

    int index() {
        return index;
    }

    /** @return the number of the port it lives at; several agents may live at one, one after the other */
    int port() {
        return port;
    }

    Frame ready() {
        return ready;
    }

    int generation() {
        return generation;
    }

    /** @return whether it has ended; the relay may not know yet */
    boolean isOver() {
        return over;
    }

    void end(final long nowNs) {
        over = true;
        endedNs = nowNs;
    }

    long endedNs() {
        return endedNs;
    }

    /** @return whether it has tampered with memory that was on its way, so that what arrives may be anything */
    boolean lies() {
        return lying;
    }

    void lie() {
        lying = true;
    }

    @Override
    public String toString() {
        return "epoch " + index + " at port " + port + (over ? ", over" : "");
    }
}
