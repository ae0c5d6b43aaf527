package dev.sluice.agent;

import java.time.Duration;
import java.util.Objects;

/**
 * What an agent can be told about connections from inside the guest; part of {@link AgentContext}, which freezes it with itself.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class ConnectionOptions {
    /** As many as fit the usual limit of descriptors beside the programs. */
    public static final int MAX_DEFAULT = 1024;
    /** Most connections that can be asked for: as many as there are ports to connect from. */
    public static final int MAX_MAX = 64 * 1024;
    /** What other agents of the protocol give a connection to be made. */
    public static final Duration CONNECT_DEADLINE_DEFAULT = Duration.ofSeconds(30);
    /** Long enough for lost packets to be sent again, short enough for the others, who wait. */
    public static final Duration STALL_LIMIT_DEFAULT = Duration.ofSeconds(5);
    /** Long enough for a server that is busy with somebody else, short enough for what nobody will ever read. */
    public static final Duration LINGER_LIMIT_DEFAULT = Duration.ofSeconds(60);

    private int max = MAX_DEFAULT;
    private Duration connectDeadline = CONNECT_DEADLINE_DEFAULT;
    private Duration stallLimit = STALL_LIMIT_DEFAULT;
    private Duration lingerLimit = LINGER_LIMIT_DEFAULT;
    private boolean concluded;

    ConnectionOptions() {
    }

    void conclude() {
        AgentContext.requireBetween("max connections", max, 1, MAX_MAX);
        AgentContext.requireTime("connect deadline", connectDeadline);
        AgentContext.requireTime("connection stall limit", stallLimit);
        AgentContext.requireTime("connection linger limit", lingerLimit);
        concluded = true;
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the agent is made");
        }
    }

    /**
     * Sets how many connections there may be at once.
     *
     * @param value a number, {@link #MAX_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ConnectionOptions max(final int value) {
        checkOpen();
        max = value;
        return this;
    }

    /**
     * How many connections there may be at once.
     *
     * @return a number, {@link #MAX_DEFAULT} by default
     */
    public int max() {
        return max;
    }

    /**
     * Sets how long the making of a connection may take, the name's resolution and all addresses together.
     *
     * @param value a time, {@link #CONNECT_DEADLINE_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ConnectionOptions connectDeadline(final Duration value) {
        checkOpen();
        connectDeadline = Objects.requireNonNull(value, "connectDeadline");
        return this;
    }

    /**
     * How long the making of a connection may take.
     *
     * @return a time, {@link #CONNECT_DEADLINE_DEFAULT} by default
     */
    public Duration connectDeadline() {
        return connectDeadline;
    }

    /**
     * Sets how long the port may be left unread for a connection whose other end reads none of what a client without windows has
     * sent it. Then the connection fails.
     *
     * @param value a time, {@link #STALL_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ConnectionOptions stallLimit(final Duration value) {
        checkOpen();
        stallLimit = Objects.requireNonNull(value, "stallLimit");
        return this;
    }

    /**
     * How long the port may be left unread for a connection whose other end does not read.
     *
     * @return a time, {@link #STALL_LIMIT_DEFAULT} by default
     */
    public Duration stallLimit() {
        return stallLimit;
    }

    /**
     * Sets how long the other end has for the rest of what a client sent that ended its stream and is gone: it closed the connection, or
     * left. Then the connection is reset.
     *
     * @param value a time, {@link #LINGER_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ConnectionOptions lingerLimit(final Duration value) {
        checkOpen();
        lingerLimit = Objects.requireNonNull(value, "lingerLimit");
        return this;
    }

    /**
     * How long the other end has for the rest of what a client sent that is gone.
     *
     * @return a time, {@link #LINGER_LIMIT_DEFAULT} by default
     */
    public Duration lingerLimit() {
        return lingerLimit;
    }
}
