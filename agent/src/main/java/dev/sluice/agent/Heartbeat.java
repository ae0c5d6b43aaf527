package dev.sluice.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A file that tells once a second that the agent lives and what it does, for those who can see the guest's files: written under a temporary
 * name and renamed, so that whoever reads it reads it whole. While its directory is missing, nothing is written. A disk that is full or
 * does
 * not answer holds up this thread alone.
 *
 * <p>One line of JSON, with keys in this order. Source: relay protocol, generation 7, section 4.6.
 *
 * <pre>
 *   heartbeat_seq  activity_seq  timestamp  last_activity  active_exec_sessions  active_fs_streams  active_tcp_streams
 *   activity_counters {host_messages  guest_messages  exec_output_bytes  fs_bytes  tcp_bytes}
 * </pre>
 *
 * <p>Has a thread of its own, which reads counters alone; {@link #close} ends it and leaves the file as it is.
 */
final class Heartbeat implements AutoCloseable {
    private static final long INTERVAL_NS = 1_000_000_000;
    private static final long CLOSE_LIMIT_MS = 1000;
    private static final Set<OpenOption> CREATE =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    /** As far as the process's umask lets them be. */
    private static final FileAttribute<?> PERMISSIONS =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

    private final Path file;
    private final Path temporary;
    private final AgentCounters counters;
    private final Thread thread;
    private volatile boolean closed;
    private long sequence;
    private long lastActivity = -1;
    private Instant lastActivityTime = Instant.EPOCH;

    private Heartbeat(final Path file, final AgentCounters counters) {
        this.file = file;
        this.temporary = file.resolveSibling(file.getFileName() + ".tmp");
        this.counters = counters;
        this.thread = Thread.ofPlatform().name("sluice-heartbeat").daemon(true).unstarted(this::run);
    }

    /**
     * Begins to beat.
     *
     * @param file to write
     * @param counters of the agent
     * @return the heartbeat, which the caller closes
     */
    static Heartbeat start(final Path file, final AgentCounters counters) {
        final Heartbeat heartbeat = new Heartbeat(file.toAbsolutePath(), counters);
        heartbeat.thread.start();
        return heartbeat;
    }

    private void run() {
        while (!closed) {
            beat(Instant.now());
            LockSupport.parkNanos(INTERVAL_NS);
        }
    }

    private void beat(final Instant now) {
        final long activity = counters.activity();
        if (activity != lastActivity) {
            lastActivity = activity;
            lastActivityTime = now;
        }
        if (!Files.isDirectory(file.getParent())) {
            return;
        }
        sequence++;
        try {
            // Not through a link that somebody in the guest has put there, and nothing by name once the file has been made.
            Files.deleteIfExists(temporary);
            try (SeekableByteChannel channel = Files.newByteChannel(temporary, CREATE, PERMISSIONS)) {
                final ByteBuffer line = StandardCharsets.US_ASCII.encode(line(now));
                while (line.hasRemaining()) {
                    channel.write(line);
                }
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            counters.increment(AgentCounter.HEARTBEATS);
        } catch (final IOException e) {
            // The next one may be written. Whoever waits for them sees that this one is missing.
            counters.increment(AgentCounter.HEARTBEATS_MISSED);
        }
    }

    private String line(final Instant now) {
        final long guestMessages = counters.get(AgentCounter.FRAMES_OUT) - counters.get(AgentCounter.IDLE_FRAMES_OUT);
        return "{\"heartbeat_seq\":" + sequence
            + ",\"activity_seq\":" + lastActivity
            + ",\"timestamp\":\"" + now
            + "\",\"last_activity\":\"" + lastActivityTime
            + "\",\"active_exec_sessions\":" + counters.get(AgentCounter.EXEC_SESSIONS)
            + ",\"active_fs_streams\":" + counters.get(AgentCounter.FILE_SESSIONS)
            + ",\"active_tcp_streams\":" + counters.get(AgentCounter.CONNECTIONS)
            + ",\"activity_counters\":{\"host_messages\":" + counters.get(AgentCounter.ACTIVE_FRAMES_IN)
            + ",\"guest_messages\":" + guestMessages
            + ",\"exec_output_bytes\":" + counters.get(AgentCounter.EXEC_OUTPUT_BYTES)
            + ",\"fs_bytes\":" + counters.get(AgentCounter.FILE_BYTES)
            + ",\"tcp_bytes\":" + counters.get(AgentCounter.CONNECTION_BYTES) + "}}\n";
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_LIMIT_MS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
