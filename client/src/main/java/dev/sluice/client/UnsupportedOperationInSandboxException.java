package dev.sluice.client;

import dev.sluice.protocol.MessageType;

/** The sandbox's agent is too old for what was asked. Nothing was sent. */
public final class UnsupportedOperationInSandboxException extends SandboxException {
    private static final long serialVersionUID = 1L;

    /** The type that it does not know. */
    private final MessageType messageType;
    /** The generation that has it first. */
    private final int needs;
    /** The generation spoken with this agent. */
    private final int peer;

    UnsupportedOperationInSandboxException(final MessageType messageType, final int peer) {
        super("the sandbox's agent is too old for " + messageType.wireName() + ": that needs protocol generation "
            + messageType.introducedIn() + ", the agent speaks " + peer, null);
        this.messageType = messageType;
        this.needs = messageType.introducedIn();
        this.peer = peer;
    }

    /**
     * The message that cannot be sent.
     *
     * @return its type
     */
    public MessageType messageType() {
        return messageType;
    }

    /**
     * The first generation of the protocol that has such messages.
     *
     * @return 2 or more
     */
    public int needs() {
        return needs;
    }

    /**
     * The generation spoken with this sandbox.
     *
     * @return less than {@link #needs}
     */
    public int peer() {
        return peer;
    }
}
