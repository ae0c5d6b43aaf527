package dev.sluice.agent;

import java.lang.foreign.MemorySegment;

/**
 * Something that has frames to send when its turn comes: a session, or the agent itself. {@link PortOutput} calls; an outlet says that it
 * has something to send with {@link PortOutput#wantReply} and {@link PortOutput#wantData}.
 *
 * <p>Answers are not queued anywhere as bytes: an outlet keeps what is due as state, and encodes it when there is room. So however long the
 * port takes nothing, what is owed to the host stays bounded.
 */
abstract class Outlet {
    /** Room that every answer fits in, in bytes. */
    static final int REPLY_ROOM = 4096;

    /** Whether it waits to send answers; kept by {@link PortOutput}. */
    boolean inReplyLine;
    /** Whether it waits to send data; kept by {@link PortOutput}. */
    boolean inDataLine;

    /**
     * Encodes the next answer that is due.
     *
     * @param memory where to; {@link #REPLY_ROOM} bytes are free
     * @param offset where it starts
     * @return length of the frame, which will be sent; 0 when nothing is due
     */
    abstract int writeReply(MemorySegment memory, long offset);

    /**
     * Encodes one frame of data.
     *
     * @param memory where to, native memory; {@link PortOutput#DATA_ROOM} bytes are free
     * @param offset where it starts
     * @return length of the frame, which will be sent; 0 when there is none now: {@link PortOutput#wantData} says when there is again
     */
    abstract int writeData(MemorySegment memory, long offset);

    /** @return whether another frame of data may be there; asked after one has been encoded */
    abstract boolean hasData();

    /** @return whether what {@link #writeData} has encoded is the beginning of a frame: nobody else's bytes may come before its rest */
    boolean isMidFrame() {
        return false;
    }
}
