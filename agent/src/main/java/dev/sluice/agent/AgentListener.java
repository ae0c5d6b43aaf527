package dev.sluice.agent;

/**
 * Is told what happens to an agent, on its loop thread: must be quick, and must not throw. What happens to single sessions is the business
 * of their clients and not told here.
 */
public interface AgentListener {
    /** Does nothing. */
    AgentListener NONE = new AgentListener() {
    };

    /**
     * The agent has started and is about to look for a host.
     *
     * @param description the version and the options in use, in one line
     */
    default void onStart(final String description) {
    }

    /**
     * No host has been there for a second; told once for every time that one is waited for.
     *
     * @param reason why that may be, in a few words; may be empty
     */
    default void onWaiting(final String reason) {
    }

    /** A host is there and has been told that the agent is ready. */
    default void onHost() {
    }

    /**
     * The host has gone. Its programs have been killed, or run on for {@link HostOptions#grace()}.
     *
     * @param reason what was noticed, in a few words
     */
    default void onHostLost(final String reason) {
    }

    /**
     * Something is not as it should be, and the agent goes on without.
     *
     * @param message what, with which values, and what can be done, in one line
     */
    default void onWarning(final String message) {
    }
}
