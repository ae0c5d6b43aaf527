package dev.sluice.client;

import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Ready;

/**
 * Who is at the other end, as its handshake told.
 *
 * <p>A relay of 0.4 and ours both greet with the 4-byte form. What tells an old sandbox from a new one is the generation of
 * {@code core.ready}, which is the agent's own: one of generation 1 behind the 4-byte form is of release 0.4, gets frames of generation 1
 * and knows path-based files; one of generation 1 behind the 8-byte form is of 0.5.0 and does not.
 *
 * <p>Source: relay protocol, generation 7, sections 6.1 to 6.3.
 *
 * @param ready        what the agent said of itself
 * @param generation   the older of the two sides' generations, which decides what may be asked for
 * @param frameVersion the generation that is written into frames: our own, unless the sandbox is of before 0.5
 * @param legacy       whether the sandbox is of before 0.5
 */
record Peer(Ready ready, int generation, int frameVersion, boolean legacy) {
    /** The newest generation that this library speaks. */
    static final int OWN_GENERATION = 7;

    /**
     * The peer of a handshake.
     *
     * @param ready        the agent's first message
     * @param readyVersion the generation of its frame, 0 to 255
     * @param offsetForm   whether the relay greeted with the 4-byte form
     */
    static Peer of(final Ready ready, final int readyVersion, final boolean offsetForm) {
        final int generation = Math.clamp(readyVersion, 1, OWN_GENERATION);
        final boolean legacy = offsetForm && generation == 1;
        return new Peer(ready, generation, legacy ? 1 : OWN_GENERATION, legacy);
    }

    /** Tells whether the agent knows flow windows. */
    boolean hasWindows() {
        return ready.sluiceWindow() > 0;
    }

    /** Tells whether messages of that type, as generation 7 has them, may be sent. */
    boolean supports(final MessageType type) {
        return type == MessageType.WINDOW ? hasWindows() : type.introducedIn() <= generation;
    }

    /** Throws unless messages of that type may be sent. */
    void require(final MessageType type) throws UnsupportedOperationInSandboxException {
        if (!supports(type)) {
            throw new UnsupportedOperationInSandboxException(type, generation);
        }
    }
}
