package dev.sluice.client;

import dev.sluice.protocol.FrameDescriptor;

/**
 * A frame's flags and body as they came.
 *
 * @param flags bits as in {@link FrameDescriptor}, 0 to 255
 * @param body  what follows the flags: for a well-behaved peer a CBOR map of v, t and p; the array is this message's own, not copied
 */
public record RawMessage(int flags, byte[] body) {
    /**
     * Tells whether the sender meant it to be the last of its session.
     *
     * @return true when the terminal flag is set
     */
    public boolean isTerminal() {
        return (flags & FrameDescriptor.FLAG_TERMINAL) != 0;
    }
}
