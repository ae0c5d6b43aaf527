package dev.sluice.relay;

import dev.sluice.ffi.Posix;
import java.io.IOException;

/** The parts of the exec log put together: files, ring, writer, and what the loop tells them. One owner thread, the loop's. */
final class ExecLogging implements AutoCloseable {
    /** What Agrona's buffers are built on. */
    private static final String NEEDED_EXPORT = "java.base/jdk.internal.misc";

    private final ExecLogTap tap;
    private final ExecLogAgent agent;

    private ExecLogging(final ExecLogTap tap, final ExecLogAgent agent) {
        this.tap = tap;
        this.agent = agent;
    }

    /**
     * Opens the log of a context that has one.
     *
     * @param loopWakeFd an eventfd that wakes the loop; stays open until the log is closed
     * @throws IOException when the directory or its file cannot be opened, another relay writes there, or the JVM was started without what
     *     the log needs
     */
    static ExecLogging open(final RelayContext context, final RelayCounters counters, final int loopWakeFd) throws IOException {
        final Posix posix = context.posix();
        final ExecLogRing ring = ring((int) context.limit(RelayLimit.EXEC_LOG_BUFFER));
        final ExecLogShared shared = new ExecLogShared();
        final ExecLogVolume volume = new ExecLogVolume(posix, context.execLog(), context.limit(RelayLimit.EXEC_LOG_FILE_BYTES),
            (int) context.limit(RelayLimit.EXEC_LOG_FILES), shared);
        // Before the writer's thread begins, whose it is from then on.
        final long lastNumber = volume.numbers().highest();
        final ExecLogAgent agent = new ExecLogAgent(ring, volume, shared, context, loopWakeFd);
        final ExecLogTap tap = new ExecLogTap(ring, shared, context.wallClock(), context.execLogPolicy(), counters, agent::wake);
        tap.numberAfter(lastNumber);
        tap.quota(context.limit(RelayLimit.EXEC_LOG_SESSION_BYTES));
        return new ExecLogging(tap, agent);
    }

    /** Before anything else: a JVM that was not told to let Agrona have its memory finds out at the first use. */
    private static ExecLogRing ring(final int capacity) throws IOException {
        try {
            return new ExecLogRing(capacity);
        } catch (final LinkageError e) {
            throw new IOException("an exec log needs a JVM that is started with --add-exports " + NEEDED_EXPORT
                + "=ALL-UNNAMED, or a jar with \"Add-Exports: " + NEEDED_EXPORT + "\" in its manifest", e);
        }
    }

    ExecLogTap tap() {
        return tap;
    }

    /** Has everything written that there is to write, and closes the files. The loop has ended. */
    @Override
    public void close() {
        tap.guestGone();
        tap.endPass();
        agent.close();
        tap.publishCounts();
    }
}
