package dev.sluice.agent;

import dev.sluice.port.PortWriter;
import dev.sluice.protocol.DataFrame;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * What goes to the host. Frames are put one behind the other into one buffer, which is then written; what the port does not take at once is
 * kept, and nothing else is put in before it is gone: so frames are never mixed, programs are slowed down by not being read, and the memory
 * in use does not depend on how slow the port is.
 *
 * <p>Answers go before data. Outlets with data take turns, a frame each.
 *
 * <p>One owner thread.
 */
final class PortOutput {
    /** Data of a program in one frame at most: as much as a pipe holds. */
    static final int DATA_LENGTH = 64 * 1024;
    /** Data of a file in one frame at most: what each frame costs does not count beside some hundred microseconds of copying. */
    static final int FILE_DATA_LENGTH = 256 * 1024;
    /** Room for one frame of data. */
    static final int DATA_ROOM = FILE_DATA_LENGTH + DataFrame.MAX_HEADER_LENGTH;
    /** From here on the buffer is written rather than filled: the longest that an answer waits for data before it. */
    static final int BATCH_LENGTH = 64 * 1024;
    /** Length of the buffer. */
    static final int BUFFER_LENGTH = BATCH_LENGTH + DATA_ROOM + Outlet.REPLY_ROOM;

    /** So much is written before the loop looks at other things. */
    private static final int TURN_LENGTH = 512 * 1024;

    private final MemorySegment buffer;
    private final AgentCounters counters;
    private final ArrayDeque<Outlet> replyLine = new ArrayDeque<>();
    private final ArrayDeque<Outlet> dataLine = new ArrayDeque<>();
    private int written;
    private int filled;
    private boolean blocked;
    private Outlet midFrame;

    /**
     * An output without a port.
     *
     * @param buffer {@link #BUFFER_LENGTH} bytes of native memory
     * @param counters of the agent
     */
    PortOutput(final MemorySegment buffer, final AgentCounters counters) {
        this.buffer = buffer.asSlice(0, BUFFER_LENGTH);
        this.counters = counters;
    }

    /** Forgets everything; the next byte is the first of a stream. */
    void reset() {
        written = 0;
        filled = 0;
        blocked = false;
        midFrame = null;
        replyLine.forEach(outlet -> outlet.inReplyLine = false);
        replyLine.clear();
        dataLine.forEach(outlet -> outlet.inDataLine = false);
        dataLine.clear();
    }

    /** The outlet has answers to send. */
    void wantReply(final Outlet outlet) {
        if (!outlet.inReplyLine) {
            outlet.inReplyLine = true;
            replyLine.add(outlet);
        }
    }

    /** The outlet may have data to send. */
    void wantData(final Outlet outlet) {
        if (!outlet.inDataLine) {
            outlet.inDataLine = true;
            dataLine.add(outlet);
        }
    }

    /** @return whether the port took less than it was given, so that its room has to be waited for */
    boolean blocked() {
        return blocked;
    }

    /** @return whether there is anything to write or to ask for */
    boolean hasWork() {
        return filled > 0 || midFrame != null || !replyLine.isEmpty() || !dataLine.isEmpty();
    }

    /**
     * Writes until the port is full, nothing is left, or others have to have a turn.
     *
     * @param writer of the port
     * @return 0 or more when the port is well, else a {@link dev.sluice.port.PortStatus} code
     */
    int pump(final PortWriter writer) {
        int sent = 0;
        int status = 0;
        while (status >= 0 && sent < TURN_LENGTH) {
            if (filled == 0) {
                fill();
                if (filled == 0) {
                    break;
                }
            }
            status = writer.write(buffer, written, filled - written);
            if (status > 0) {
                written += status;
                sent += status;
            }
            if (written == filled) {
                written = 0;
                filled = 0;
            } else if (status == 0) {
                break;
            }
        }
        writer.flush();
        noteBlocked(filled > 0 && status == 0);
        return status < 0 ? status : sent;
    }

    private void noteBlocked(final boolean now) {
        if (now && !blocked) {
            counters.increment(AgentCounter.PORT_FULL);
        }
        blocked = now;
    }

    private void fill() {
        while (filled < BATCH_LENGTH) {
            final int length = midFrame != null ? fillRest() : replyLine.isEmpty() ? fillData() : fillReply();
            if (length > 0) {
                filled += length;
                counters.add(AgentCounter.BYTES_OUT, length);
                if (midFrame == null) {
                    counters.increment(AgentCounter.FRAMES_OUT);
                }
            } else if (replyLine.isEmpty() && dataLine.isEmpty()) {
                return;
            }
        }
    }

    private int fillReply() {
        final Outlet outlet = replyLine.peek();
        final int length = outlet.writeReply(buffer, filled);
        if (length == 0) {
            replyLine.remove();
            outlet.inReplyLine = false;
        }
        return length;
    }

    private int fillData() {
        final Outlet outlet = dataLine.poll();
        if (outlet == null) {
            return 0;
        }
        outlet.inDataLine = false;
        return fillDataOf(outlet);
    }

    /** A frame that was begun is finished before anything else. */
    private int fillRest() {
        final Outlet outlet = midFrame;
        midFrame = null;
        return fillDataOf(outlet);
    }

    private int fillDataOf(final Outlet outlet) {
        final int length = outlet.writeData(buffer, filled);
        if (outlet.isMidFrame()) {
            midFrame = outlet;
        } else if (length > 0 && outlet.hasData()) {
            wantData(outlet);
        }
        return length;
    }
}
