package dev.sluice.systemtests;

import java.nio.file.Path;

/** How a relay and an agent find each other. */
enum Console {
    /** Shared memory: the relay listens and hands it over. */
    RING("ring", "ring"),
    /** A byte stream: the agent listens, as a virtual machine monitor would. */
    RELAY_DIALS("unix", "unix-listen"),
    /** A byte stream: the relay listens. */
    AGENT_DIALS("unix-listen", "unix");

    private final String relayKind;
    private final String agentKind;

    Console(final String relayKind, final String agentKind) {
        this.relayKind = relayKind;
        this.agentKind = agentKind;
    }

    /** What the relay is told. */
    String forRelay(final Path path) {
        return relayKind + ":" + path;
    }

    /** What the agent is told. */
    String forAgent(final Path path) {
        return agentKind + ":" + path;
    }
}
