package dev.sluice.agent;

import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;

/** Encoding of answers. */
final class Replies {
    private Replies() {
    }

    /**
     * Encodes an answer that this agent has put together itself, within {@link Outlet#REPLY_ROOM}.
     *
     * @return length of the frame
     */
    static int encode(final MemorySegment memory, final long offset, final int id, final Message message) {
        try {
            return Frames.encode(memory.asSlice(offset, Outlet.REPLY_ROOM), 0, AgentProtocol.GENERATION, id, message);
        } catch (final ProtocolException e) {
            throw new IllegalStateException("answer too long: id=" + Integer.toUnsignedString(id) + " type=" + message.type(), e);
        }
    }
}
