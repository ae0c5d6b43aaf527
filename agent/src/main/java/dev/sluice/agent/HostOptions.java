package dev.sluice.agent;

import java.time.Duration;
import java.util.Objects;

/**
 * What an agent can be told about hosts that go and come; part of {@link AgentContext}, which freezes it with itself.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class HostOptions {
    /** Long enough for most work to be finished, short enough that a host which comes back does not meet a guest full of the past. */
    public static final Duration GRACE_DEFAULT = Duration.ofSeconds(60);

    private Boolean awaitNext;
    private Duration grace = GRACE_DEFAULT;
    private boolean concluded;

    HostOptions() {
    }

    void conclude() {
        AgentContext.requireTime("host grace", grace);
        concluded = true;
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the agent is made");
        }
    }

    /** @return the options in one line, for logs */
    String describe() {
        return "host={awaitNext=" + (awaitNext == null ? "as the port" : awaitNext) + " grace=" + grace + "}";
    }

    /**
     * Sets whether to wait for another host when one has gone.
     *
     * @param value null, the default, for what fits the port: a listener or a device waits, a port that is dialled does not
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public HostOptions awaitNext(final Boolean value) {
        checkOpen();
        awaitNext = value;
        return this;
    }

    /**
     * Whether to wait for another host when one has gone.
     *
     * @return null, the default, for what fits the port: a listener or a device waits, a port that is dialled does not
     */
    public Boolean awaitNext() {
        return awaitNext;
    }

    /**
     * Sets how long programs may run on when their host has gone and another is waited for. Nobody can reach them any more; what they write
     * is dropped, and what they have been sent so far is all the input that they get. Then they get SIGTERM, and after {@link
     * AgentContext#shutdownGrace()} SIGKILL. Files and connections end with their host, and all programs with the agent.
     *
     * @param value a time, {@link #GRACE_DEFAULT} by default; zero kills programs at once
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public HostOptions grace(final Duration value) {
        checkOpen();
        grace = Objects.requireNonNull(value, "grace");
        return this;
    }

    /**
     * How long programs may run on when their host has gone.
     *
     * @return a time, {@link #GRACE_DEFAULT} by default; zero kills programs at once
     */
    public Duration grace() {
        return grace;
    }
}
