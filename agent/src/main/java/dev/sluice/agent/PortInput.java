package dev.sluice.agent;

import dev.sluice.port.PortReader;
import dev.sluice.protocol.FrameAssembler;
import dev.sluice.protocol.FrameError;
import dev.sluice.protocol.FrameHandler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What comes from the host. Bytes are copied out of the port once, since a ring's memory is the host's to change at any time, to where
 * they make frames.
 *
 * <p>One owner thread.
 */
final class PortInput {
    /** Taken in at once, a frame with 64 KiB of data, so that a session that has to be waited for is noticed before much more has come. */
    private static final int CHUNK_LENGTH = 68 * 1024;
    /** So much is taken in before the loop looks at other things. */
    private static final int TURN_LENGTH = 512 * 1024;

    private final FrameHandler handler;
    private final FrameAssembler assembler = new FrameAssembler(FrameAssembler.RETAINED_LENGTH, length -> Arena.ofAuto().allocate(length));

    /**
     * An input without a port.
     *
     * @param handler takes the frames
     */
    PortInput(final FrameHandler handler) {
        this.handler = handler;
    }

    /** The next byte is the first of a stream. */
    void reset() {
        assembler.reset();
    }

    /** @return what is wrong with the stream, {@link FrameError#NONE} if nothing */
    FrameError error() {
        return assembler.error();
    }

    /** Tells whether frames are to be taken in. */
    @FunctionalInterface
    interface Gate {
        /** @return whether to go on */
        boolean open();
    }

    /**
     * Takes in what is there.
     *
     * @param reader of the port
     * @param gate asked before each chunk
     * @return bytes taken in, or a {@link dev.sluice.port.PortStatus} code; {@link #error} has to be asked as well
     */
    int pump(final PortReader reader, final Gate gate) {
        int taken = 0;
        while (taken < TURN_LENGTH && assembler.error() == FrameError.NONE && gate.open()) {
            final int status = reader.poll();
            if (status < 0) {
                return taken > 0 ? taken : status;
            }
            if (status == 0) {
                break;
            }
            final int length = Math.min(Math.min(reader.length(), assembler.room()), CHUNK_LENGTH);
            MemorySegment.copy(reader.memory(), reader.offset(), assembler.memory(), assembler.offset(), length);
            reader.advance(length);
            reader.release();
            assembler.received(length, handler);
            taken += length;
        }
        return taken;
    }
}
