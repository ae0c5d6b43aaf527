package dev.sluice.agent;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.ProtocolException;

/** One concern of the agent: takes the frames of the types that it is registered for with {@link FrameDispatcher}. On the loop's thread. */
interface FrameService {
    /**
     * Takes a frame.
     *
     * @param id correlation id, unsigned
     * @param flags of the frame's header
     * @param frameLength bytes on the wire
     * @param envelope the decoded body, valid during this call; its type is one that the service is registered for
     * @throws ProtocolException when the payload cannot be decoded, with nothing done; {@link #onUndecodable} is called then
     */
    void onFrame(int id, int flags, int frameLength, Envelope envelope) throws ProtocolException;

    /**
     * Takes note of a frame of any type whose flags are not those of its type. Nothing is done about it but to say so.
     *
     * @param id correlation id, unsigned
     * @param flags of the frame's header
     * @param envelope the envelope, valid during this call
     */
    default void onBadFlags(final int id, final int flags, final Envelope envelope) {
    }

    /**
     * Takes note of a frame whose payload could not be decoded.
     *
     * @param id correlation id, unsigned
     * @param envelope the envelope, valid during this call
     * @param reason what is wrong with the payload
     */
    default void onUndecodable(final int id, final Envelope envelope, final ProtocolException reason) {
    }
}
