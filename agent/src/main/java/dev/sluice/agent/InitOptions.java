package dev.sluice.agent;

import java.time.Duration;
import java.util.Objects;

/**
 * What an agent can be told about being the first process of a guest; part of {@link AgentContext}, which freezes it with itself.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class InitOptions {
    /** What other agents of the protocol give the host for each of its two messages. */
    public static final Duration DEADLINE_DEFAULT = Duration.ofSeconds(60);

    private boolean enabled;
    private Duration deadline = DEADLINE_DEFAULT;
    private boolean oomProtection;
    private boolean concluded;

    InitOptions() {
    }

    void conclude() {
        AgentContext.requireTime("init deadline", deadline);
        concluded = true;
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the agent is made");
        }
    }

    /**
     * Sets whether the agent makes a machine of the guest before it serves, as core.bootstrap says. It has to be the guest's first process.
     *
     * @param value false by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public InitOptions enabled(final boolean value) {
        checkOpen();
        enabled = value;
        return this;
    }

    /**
     * Whether the agent makes a machine of the guest before it serves.
     *
     * @return false by default
     */
    public boolean enabled() {
        return enabled;
    }

    /**
     * Sets how long a host that is there may take to say what the guest is to be, and again to acknowledge who programs run as.
     *
     * @param value a time, {@link #DEADLINE_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public InitOptions deadline(final Duration value) {
        checkOpen();
        deadline = Objects.requireNonNull(value, "deadline");
        return this;
    }

    /**
     * How long a host may take for each of its messages.
     *
     * @return a time, {@link #DEADLINE_DEFAULT} by default
     */
    public Duration deadline() {
        return deadline;
    }

    /**
     * Sets whether this process is kept from being chosen when memory runs out, if that is permitted; programs are not.
     *
     * @param value false by default: the process may not be the agent's alone
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public InitOptions oomProtection(final boolean value) {
        checkOpen();
        oomProtection = value;
        return this;
    }

    /**
     * Whether this process is kept from being chosen when memory runs out.
     *
     * @return false by default
     */
    public boolean oomProtection() {
        return oomProtection;
    }
}
