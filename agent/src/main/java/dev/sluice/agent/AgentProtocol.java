package dev.sluice.agent;

/** What this agent speaks. */
final class AgentProtocol {
    /**
     * The generation written into every frame, and so the one that clients negotiate: the last that there is. The number is a promise that
     * all types up to it are served, or refused in a way that their sender can decode ({@link Refusals}). It says nothing about whom the
     * agent serves: clients of generation 1 are told by the shape of their requests, and get answers of that shape.
     */
    static final int GENERATION = 7;

    private AgentProtocol() {
    }
}
