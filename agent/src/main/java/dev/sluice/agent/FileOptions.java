package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import java.time.Duration;
import java.util.Objects;

/**
 * What an agent can be told about files; part of {@link AgentContext}, which freezes it with itself.
 *
 * <p>Not thread safe until concluded; immutable after.
 */
public final class FileOptions {
    /** Half of them for one client: a few that read from slow disks leave others some. */
    public static final int THREADS_DEFAULT = 8;
    /** More than this only wait for each other. */
    public static final int THREADS_MAX = 256;
    /** A dozen transfers at full speed, half of it for either direction. */
    public static final long MEMORY_LIMIT_DEFAULT = 64 * 1024 * 1024;
    /** A stream in either direction, and the largest frame on top, has to fit. */
    public static final long MEMORY_LIMIT_MIN = 32 * 1024 * 1024;
    /** Enough that a disk has work while grants are on their way. */
    public static final int WRITE_WINDOW_DEFAULT = 2 * 1024 * 1024;
    /** As many as there may be programs. */
    public static final int MAX_REQUESTS_DEFAULT = 1024;
    /** Longer than a healthy disk takes to write back what it has. */
    public static final Duration STALL_LIMIT_DEFAULT = Duration.ofSeconds(10);
    /** Somebody who waits longer than that has given up. */
    public static final Duration QUEUE_LIMIT_DEFAULT = Duration.ofSeconds(30);

    private int threads = THREADS_DEFAULT;
    private long memoryLimit = MEMORY_LIMIT_DEFAULT;
    private int writeWindow = WRITE_WINDOW_DEFAULT;
    private int maxRequests = MAX_REQUESTS_DEFAULT;
    private Duration stallLimit = STALL_LIMIT_DEFAULT;
    private Duration queueLimit = QUEUE_LIMIT_DEFAULT;
    private ByteString root;
    private boolean atomicWrites;
    private boolean concluded;

    FileOptions() {
    }

    void conclude() {
        AgentContext.requireBetween("file threads", threads, 1, THREADS_MAX);
        AgentContext.requireBetween("file memory limit", memoryLimit, MEMORY_LIMIT_MIN, Long.MAX_VALUE);
        AgentContext.requireBetween("file write window", writeWindow, InputOptions.WINDOW_MIN, InputOptions.WINDOW_MAX);
        AgentContext.requireBetween("max file requests", maxRequests, 1, AgentContext.MAX_SESSIONS_MAX);
        AgentContext.requireTime("file stall limit", stallLimit);
        AgentContext.requireTime("file queue limit", queueLimit);
        concluded = true;
    }

    private void checkOpen() {
        if (concluded) {
            throw new IllegalStateException("the context is concluded: options are set before the agent is made");
        }
    }

    /** @return the options in one line, for logs */
    String describe() {
        return "files={root=" + (root == null ? "/" : root) + " atomicWrites=" + atomicWrites + " threads=" + threads + "}";
    }

    /**
     * Sets how many threads wait for file systems at most. One client may occupy half of them.
     *
     * @param value a number, {@link #THREADS_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public FileOptions threads(final int value) {
        checkOpen();
        threads = value;
        return this;
    }

    /**
     * How many threads wait for file systems at most.
     *
     * @return a number, {@link #THREADS_DEFAULT} by default
     */
    public int threads() {
        return threads;
    }

    /**
     * Sets how much data of files may wait for the port or for disks, half of it in either direction.
     *
     * @param value bytes, {@link #MEMORY_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public FileOptions memoryLimit(final long value) {
        checkOpen();
        memoryLimit = value;
        return this;
    }

    /**
     * How much data of files may wait for the port or for disks.
     *
     * @return bytes, {@link #MEMORY_LIMIT_DEFAULT} by default
     */
    public long memoryLimit() {
        return memoryLimit;
    }

    /**
     * Sets how much data a peer with windows may send ahead of a disk, for each file that it writes. When many are
     * written at once, it is the window of stdin instead.
     *
     * @param value bytes of whole frames, {@link #WRITE_WINDOW_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public FileOptions writeWindow(final int value) {
        checkOpen();
        writeWindow = value;
        return this;
    }

    /**
     * How much data a peer with windows may send ahead of a disk.
     *
     * @return bytes of whole frames, {@link #WRITE_WINDOW_DEFAULT} by default
     */
    public int writeWindow() {
        return writeWindow;
    }

    /**
     * Sets how many requests about files may be under way at once, of all clients together.
     *
     * @param value a number, {@link #MAX_REQUESTS_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public FileOptions maxRequests(final int value) {
        checkOpen();
        maxRequests = value;
        return this;
    }

    /**
     * How many requests about files may be under way at once.
     *
     * @return a number, {@link #MAX_REQUESTS_DEFAULT} by default
     */
    public int maxRequests() {
        return maxRequests;
    }

    /**
     * Sets how long the port may be left unread because a file system does not take what has been sent. Then the writes that
     * wait are given up.
     *
     * @param value a time, {@link #STALL_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public FileOptions stallLimit(final Duration value) {
        checkOpen();
        stallLimit = Objects.requireNonNull(value, "stallLimit");
        return this;
    }

    /**
     * How long the port may be left unread for a file system that takes nothing.
     *
     * @return a time, {@link #STALL_LIMIT_DEFAULT} by default
     */
    public Duration stallLimit() {
        return stallLimit;
    }

    /**
     * Sets how long a request may wait for a thread while all of them, or its client's share, are busy. Then it is refused.
     *
     * @param value a time, {@link #QUEUE_LIMIT_DEFAULT} by default
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public FileOptions queueLimit(final Duration value) {
        checkOpen();
        queueLimit = Objects.requireNonNull(value, "queueLimit");
        return this;
    }

    /**
     * How long a request may wait for a thread.
     *
     * @return a time, {@link #QUEUE_LIMIT_DEFAULT} by default
     */
    public Duration queueLimit() {
        return queueLimit;
    }

    /**
     * Sets the directory that file requests are confined to: it takes the place of {@code /} for them. Programs are not confined.
     *
     * @param value its path; null, the default, for the whole file system
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public FileOptions root(final ByteString value) {
        checkOpen();
        root = value;
        return this;
    }

    /**
     * The directory that file requests are confined to.
     *
     * @return its path; null, the default, for the whole file system
     */
    public ByteString root() {
        return root;
    }

    /**
     * Sets whether a file that is written anew takes the place of the one before only when it is complete and on the disk.
     *
     * @param value false by default: files are written in place
     * @return this
     * @throws IllegalStateException when the context has been concluded
     */
    public FileOptions atomicWrites(final boolean value) {
        checkOpen();
        atomicWrites = value;
        return this;
    }

    /**
     * Whether files take the place of those before only when they are complete.
     *
     * @return false by default: files are written in place
     */
    public boolean atomicWrites() {
        return atomicWrites;
    }
}
