package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.time.Duration;
import java.util.Objects;

/**
 * What an agent can be told about how it starts programs; part of {@link AgentContext}, which freezes it with itself.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class ProgramOptions {
    /** One that hangs on a slow file system leaves three. */
    public static final int SPAWN_THREADS_DEFAULT = 4;
    /** More than this only wait for each other. */
    public static final int SPAWN_THREADS_MAX = 64;
    /** Long enough for a program on a slow disk or network; one that hangs there keeps its session that long. */
    public static final Duration START_DEADLINE_DEFAULT = Duration.ofSeconds(30);

    private final ControlGroupOptions controlGroups = new ControlGroupOptions();
    private int spawnThreads = SPAWN_THREADS_DEFAULT;
    private Duration startDeadline = START_DEADLINE_DEFAULT;
    private ByteString defaultUser;
    private boolean noNewPrivileges;
    private boolean concluded;

    ProgramOptions() {
    }

    void conclude() {
        AgentContext.requireBetween("spawn threads", spawnThreads, 1, SPAWN_THREADS_MAX);
        AgentContext.requireTime("start deadline", startDeadline);
        AgentContext.require(defaultUser == null || !defaultUser.isEmpty(), "user", defaultUser, "USER[:GROUP] or UID[:GID]");
        controlGroups.conclude();
        concluded = true;
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the agent is made");
        }
    }

    /**
     * Sets how many programs are started at once: starting one blocks a thread until its exec.
     *
     * @param value a number, {@link #SPAWN_THREADS_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ProgramOptions spawnThreads(final int value) {
        checkOpen();
        spawnThreads = value;
        return this;
    }

    /**
     * How many programs are started at once.
     *
     * @return a number, {@link #SPAWN_THREADS_DEFAULT} by default
     */
    public int spawnThreads() {
        return spawnThreads;
    }

    /**
     * Sets how long the start of a program may take before its session fails. One that hangs in the kernel, on a file system that does not
     * answer, has its place taken by another.
     *
     * @param value a time, {@link #START_DEADLINE_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ProgramOptions startDeadline(final Duration value) {
        checkOpen();
        startDeadline = Objects.requireNonNull(value, "startDeadline");
        return this;
    }

    /**
     * How long the start of a program may take.
     *
     * @return a time, {@link #START_DEADLINE_DEFAULT} by default
     */
    public Duration startDeadline() {
        return startDeadline;
    }

    /**
     * Sets who programs run as whose request names nobody.
     *
     * @param value {@code USER[:GROUP]} or {@code UID[:GID]}, looked for when a program is started; null, the default, for whoever this
     *     process runs as
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ProgramOptions defaultUser(final ByteString value) {
        checkOpen();
        defaultUser = value;
        return this;
    }

    /**
     * Who programs run as whose request names nobody.
     *
     * @return {@code USER[:GROUP]} or {@code UID[:GID]}; null, the default, for whoever this process runs as
     */
    public ByteString defaultUser() {
        return defaultUser;
    }

    /**
     * Sets whether programs, and what they start, may never gain privileges by executing a file (no_new_privs): not by set-user-ID bits,
     * nor by capabilities of files.
     *
     * @param value false by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ProgramOptions noNewPrivileges(final boolean value) {
        checkOpen();
        noNewPrivileges = value;
        return this;
    }

    /**
     * Whether programs may never gain privileges by executing a file.
     *
     * @return false by default
     */
    public boolean noNewPrivileges() {
        return noNewPrivileges;
    }

    /**
     * What there is to be told about the control groups of programs.
     *
     * @return the options, to be set before the agent is made
     */
    public ControlGroupOptions controlGroups() {
        return controlGroups;
    }
}
