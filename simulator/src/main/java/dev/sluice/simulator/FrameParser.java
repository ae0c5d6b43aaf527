package dev.sluice.simulator;

import dev.sluice.simulator.kernel.SimulationFailure;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** Puts frames together from bytes that come in pieces. The other end is the relay, so a length out of bounds is its mistake. */
final class FrameParser {
    private final String who;
    private final Consumer<byte[]> frames;
    private byte[] buffer = new byte[256];
    private int filled;
    private int wanted = Frame.LENGTH_PREFIX;

    FrameParser(final String who, final Consumer<byte[]> frames) {
        this.who = who;
        this.frames = frames;
    }

    void accept(final byte[] bytes, final int offset, final int length) {
        int at = offset;
        final int end = offset + length;
        while (at < end) {
            final int part = Math.min(wanted - filled, end - at);
            System.arraycopy(bytes, at, buffer, filled, part);
            at += part;
            filled += part;
            if (filled == wanted) {
                complete();
            }
        }
    }

    private void complete() {
        if (wanted == Frame.LENGTH_PREFIX) {
            final int frameLength = ByteBuffer.wrap(buffer).getInt();
            SimulationFailure.unless(frameLength >= Frame.LENGTH_MIN && frameLength <= Frame.LENGTH_MAX,
                () -> who + " received a frame with a length out of bounds: length=" + Integer.toUnsignedString(frameLength));
            wanted = Frame.LENGTH_PREFIX + frameLength;
            if (buffer.length < wanted) {
                buffer = Arrays.copyOf(buffer, wanted);
            }
            return;
        }
        final byte[] wire = Arrays.copyOf(buffer, filled);
        filled = 0;
        wanted = Frame.LENGTH_PREFIX;
        frames.accept(wire);
    }

    /** @return the bytes of the frame that is not complete, none at a boundary */
    byte[] partial() {
        return Arrays.copyOf(buffer, filled);
    }

    boolean insideFrame() {
        return filled > 0;
    }
}
