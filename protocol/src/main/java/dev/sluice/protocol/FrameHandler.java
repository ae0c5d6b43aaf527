package dev.sluice.protocol;

import java.lang.foreign.MemorySegment;

/**
 * Is given whole frames, one at a time and in the order of the stream, on the thread that feeds the {@link FrameAssembler}.
 */
@FunctionalInterface
public interface FrameHandler {
    /**
     * A whole frame.
     *
     * @param id         its correlation id, unsigned
     * @param flags      its flags, 0 to 255
     * @param memory     where its body lies; valid only during the call: what is kept must be copied
     * @param bodyOffset where the body starts, in bytes
     * @param bodyLength length of the body in bytes, 0 to {@link FrameDescriptor#MAX_BODY_LENGTH}
     */
    void onFrame(int id, int flags, MemorySegment memory, long bodyOffset, int bodyLength);
}
