package dev.sluice.agent;

import dev.sluice.protocol.Ready;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** The first frame that every host gets: core.ready. One owner thread. */
final class Hello extends Outlet {
    private static final Path UPTIME = Path.of("/proc/uptime");
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final String agentVersion;
    private final int stdinWindow;
    private final long bootTimeNs;
    private final long initTimeNs;
    private boolean due;

    /**
     * The announcement of an agent.
     *
     * @param agentVersion to tell
     * @param stdinWindow that each session starts with, in bytes
     * @param bootTimeNs boot clock when the agent was made
     */
    Hello(final String agentVersion, final int stdinWindow, final long bootTimeNs) {
        this.agentVersion = agentVersion;
        this.stdinWindow = stdinWindow;
        this.bootTimeNs = bootTimeNs;
        this.initTimeNs = bootClockNs() - bootTimeNs;
    }

    /** @return nanoseconds since the machine booted, suspended time included, in steps of ten milliseconds */
    static long bootClockNs() {
        try {
            final String uptime = Files.readString(UPTIME);
            return (long) (Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * NANOS_PER_SECOND);
        } catch (final IOException e) {
            // No /proc: the monotonic clock differs by the time the machine was suspended.
            return System.nanoTime();
        }
    }

    /** A host is there, and is to be told before anything else. */
    void greet(final PortOutput output) {
        due = true;
        output.wantReply(this);
    }

    @Override
    int writeReply(final MemorySegment memory, final long offset) {
        if (!due) {
            return 0;
        }
        due = false;
        return Replies.encode(memory, offset, 0, new Ready(bootTimeNs, initTimeNs, bootClockNs(), agentVersion, stdinWindow));
    }

    @Override
    int writeData(final MemorySegment memory, final long offset) {
        return 0;
    }

    @Override
    boolean hasData() {
        return false;
    }
}
