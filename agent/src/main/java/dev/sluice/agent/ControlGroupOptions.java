package dev.sluice.agent;

import java.nio.file.Path;

/**
 * What an agent can be told about the control groups of programs; part of {@link AgentContext}, which freezes it with itself.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class ControlGroupOptions {
    private Path directory;
    private long maxProcesses;
    private long maxMemory;
    private boolean concluded;

    ControlGroupOptions() {
    }

    void conclude() {
        AgentContext.require(directory == null || directory.isAbsolute(), "control group", directory, "an absolute path");
        AgentContext.requireBetween("max processes", maxProcesses, 0, Integer.MAX_VALUE);
        AgentContext.requireBetween("max memory", maxMemory, 0, Long.MAX_VALUE);
        AgentContext.require(
            directory != null || maxProcesses == 0 && maxMemory == 0, "control group", null, "a directory: processes and memory need one");
        concluded = true;
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the agent is made");
        }
    }

    /** @return the options in one line, for logs */
    String describe() {
        return "controlGroup=" + directory + " maxProcesses=" + maxProcesses + " maxMemory=" + maxMemory;
    }

    /**
     * Sets in which directory each program gets a control group, of which nothing that it starts gets out, and with which it ends.
     *
     * @param value of a version 2 hierarchy, writable; null, the default, for none
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ControlGroupOptions directory(final Path value) {
        checkOpen();
        directory = value;
        return this;
    }

    /**
     * In which directory each program gets a control group.
     *
     * @return a directory; null, the default, for none
     */
    public Path directory() {
        return directory;
    }

    /**
     * Sets how many processes and threads a program and what it starts may be (pids.max).
     *
     * @param value a number; 0, the default, for as many as there may be
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ControlGroupOptions maxProcesses(final long value) {
        checkOpen();
        maxProcesses = value;
        return this;
    }

    /**
     * How many processes and threads a program and what it starts may be.
     *
     * @return a number; 0, the default, for as many as there may be
     */
    public long maxProcesses() {
        return maxProcesses;
    }

    /**
     * Sets how much memory a program and what it starts may use (memory.max).
     *
     * @param value bytes; 0, the default, for as much as there is
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public ControlGroupOptions maxMemory(final long value) {
        checkOpen();
        maxMemory = value;
        return this;
    }

    /**
     * How much memory a program and what it starts may use.
     *
     * @return bytes; 0, the default, for as much as there is
     */
    public long maxMemory() {
        return maxMemory;
    }
}
