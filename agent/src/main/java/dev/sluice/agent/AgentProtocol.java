package dev.sluice.agent;

/** What this agent speaks. */
final class AgentProtocol {
    /**
     * The generation written into every frame, and so the one that clients negotiate: they send only what it has. Generation 1 is exec and
     * shutdown; files, connections and the rest come with later ones.
     */
    static final int GENERATION = 1;

    private AgentProtocol() {
    }
}
