package dev.sluice.agent;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.ProtocolException;

/** One concern of the agent: takes the frames of the types that it is registered for with {@link FrameDispatcher}. On the loop's thread. */
interface FrameService {
    /**
     * Takes a frame.
     *
     * @param id correlation id, unsigned
     * @param flags of the frame's header, which are those of its type
     * @param frameLength bytes on the wire
     * @param envelope the decoded body, valid during this call; its type is one that the service is registered for
     * @throws ProtocolException when the payload cannot be decoded, with nothing done; {@link Refusals} says so to whom it may concern
     */
    void onFrame(int id, int flags, int frameLength, Envelope envelope) throws ProtocolException;
}
