package dev.sluice.agent;

import dev.sluice.protocol.FrameDescriptor;
import java.time.Duration;
import java.util.Objects;

/**
 * What an agent can be told about what clients send to programs and connections, and what is queued of it; part of {@link AgentContext},
 * which freezes it with itself.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class InputOptions {
    /** Input of one program that is on its way or queued: a few pipes full, so that the program does not wait for grants. */
    public static final int WINDOW_DEFAULT = 256 * 1024;
    /** Below this, half a window would not hold the head of a frame and a page of data. */
    public static final int WINDOW_MIN = 16 * 1024;
    /** A window that a relay's own buffers can still carry for many sessions. */
    public static final int WINDOW_MAX = 16 * 1024 * 1024;
    /** Two of the largest frames: peers without windows send all input at once, in frames as large as there are. */
    public static final int LIMIT_DEFAULT = 8 * 1024 * 1024;
    /** One of the largest frames has to fit. */
    public static final int LIMIT_MIN = FrameDescriptor.MAX_FRAME_LENGTH;
    /** Eight programs that do not read, with a peer that knows no windows. */
    public static final long MEMORY_LIMIT_DEFAULT = 64 * 1024 * 1024;
    /** Long enough for a program to come to its first read, which a refusal would cost part of its input. */
    public static final Duration STALL_LIMIT_DEFAULT = Duration.ofSeconds(1);

    private int window = WINDOW_DEFAULT;
    private int limit = LIMIT_DEFAULT;
    private long memoryLimit = MEMORY_LIMIT_DEFAULT;
    private Duration stallLimit = STALL_LIMIT_DEFAULT;
    private boolean concluded;

    InputOptions() {
    }

    void conclude() {
        AgentContext.requireBetween("stdin window", window, WINDOW_MIN, WINDOW_MAX);
        AgentContext.requireBetween("stdin limit", limit, LIMIT_MIN, Integer.MAX_VALUE);
        AgentContext.requireBetween("stdin memory limit", memoryLimit, limit, Long.MAX_VALUE);
        AgentContext.requireTime("stdin stall limit", stallLimit);
        concluded = true;
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the agent is made");
        }
    }

    /**
     * Sets how much input a peer with windows may send ahead of its program, for each session.
     *
     * @param value bytes of whole frames, {@link #WINDOW_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public InputOptions window(final int value) {
        checkOpen();
        window = value;
        return this;
    }

    /**
     * How much input a peer with windows may send ahead of its program.
     *
     * @return bytes of whole frames, {@link #WINDOW_DEFAULT} by default
     */
    public int window() {
        return window;
    }

    /**
     * Sets how much input is queued for a program whose peer knows no windows. A frame begun below the limit is taken whole.
     *
     * @param value bytes, {@link #LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public InputOptions limit(final int value) {
        checkOpen();
        limit = value;
        return this;
    }

    /**
     * How much input is queued for a program whose peer knows no windows.
     *
     * @return bytes, {@link #LIMIT_DEFAULT} by default
     */
    public int limit() {
        return limit;
    }

    /**
     * Sets how much input is queued for all programs together before peers without windows have to wait.
     *
     * @param value bytes, {@link #MEMORY_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public InputOptions memoryLimit(final long value) {
        checkOpen();
        memoryLimit = value;
        return this;
    }

    /**
     * How much input is queued for all programs together.
     *
     * @return bytes, {@link #MEMORY_LIMIT_DEFAULT} by default
     */
    public long memoryLimit() {
        return memoryLimit;
    }

    /**
     * Sets how long the port may be left unread for a program that reads none of what a peer without windows has sent it. Then its
     * input is refused.
     *
     * @param value a time, {@link #STALL_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public InputOptions stallLimit(final Duration value) {
        checkOpen();
        stallLimit = Objects.requireNonNull(value, "stallLimit");
        return this;
    }

    /**
     * How long the port may be left unread for a program that reads none of its input.
     *
     * @return a time, {@link #STALL_LIMIT_DEFAULT} by default
     */
    public Duration stallLimit() {
        return stallLimit;
    }
}
