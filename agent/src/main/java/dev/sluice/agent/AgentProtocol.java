package dev.sluice.agent;

/** What this agent speaks. */
final class AgentProtocol {
    /**
     * The generation written into every frame, and so the one that clients negotiate: they send only what it has. Generation 1 is exec
     * and shutdown. It is not higher although single types of later ones are answered ({@link RequestService}): a client takes the number
     * as the promise that all types up to it work, files (2) and connections (4) among them, and says itself what the sandbox lacks.
     */
    static final int GENERATION = 1;

    private AgentProtocol() {
    }
}
