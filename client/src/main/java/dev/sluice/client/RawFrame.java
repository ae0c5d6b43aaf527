package dev.sluice.client;

import dev.sluice.protocol.FrameDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A frame around a body that its caller encoded.
 *
 * @param id    correlation id
 * @param flags bits as in {@link FrameDescriptor}
 * @param body  what follows them
 */
record RawFrame(int id, int flags, byte[] body) implements SendBuffer.FrameEncoder {
    private static final int MAX_FLAGS = 0xFF;
    private static final int MAX_BODY_LENGTH = FrameDescriptor.MAX_FRAME_LENGTH - FrameDescriptor.HEADER_LENGTH;

    RawFrame {
        if (flags < 0 || flags > MAX_FLAGS) {
            throw new IllegalArgumentException("flags: " + flags);
        }
        if (body.length > MAX_BODY_LENGTH) {
            throw new IllegalArgumentException("body too long: length=" + body.length + " max=" + MAX_BODY_LENGTH);
        }
    }

    /** Length of the whole frame on the wire, in bytes. */
    int length() {
        return FrameDescriptor.HEADER_LENGTH + body.length;
    }

    @Override
    public void encode(final MemorySegment memory, final long offset) {
        FrameDescriptor.putHeader(memory, offset, body.length, id, flags);
        MemorySegment.copy(body, 0, memory, ValueLayout.JAVA_BYTE, offset + FrameDescriptor.HEADER_LENGTH, body.length);
    }
}
