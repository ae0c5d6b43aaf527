package dev.sluice.relay;

import dev.sluice.protocol.FrameDescriptor;
import java.lang.foreign.MemorySegment;

/**
 * Whole frames, one behind the other in private memory, on their way to the guest; remembers whether the guest has been given part of one.
 *
 * <pre>
 *   | sent | rest of a begun frame | frames not begun |
 *          ^ start                 ^ frameEnd         ^ end
 * </pre>
 *
 * <p>Lengths in the memory were validated before and nobody else can write there. One owner thread.
 */
final class FrameRun {
    private MemorySegment memory;
    private int start;
    private int frameEnd;
    private int end;
    private boolean begunIsShutdown;
    private boolean shutdownSent;

    /** Starts over: nothing to send, the next frame will be appended at an offset. */
    void reset(final MemorySegment newMemory, final int offset) {
        memory = newMemory;
        start = offset;
        frameEnd = offset;
        end = offset;
    }

    /** Says that whole frames now reach up to this offset. */
    void extendTo(final int newEnd) {
        end = newEnd;
    }

    /** Forgets frames that were not begun. @return the new end */
    int dropBehindBegunFrame() {
        end = frameEnd;
        return end;
    }

    MemorySegment memory() {
        return memory;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    int length() {
        return end - start;
    }

    boolean isEmpty() {
        return start == end;
    }

    /** {@return whether the guest has part of a frame whose rest it must be given before anything else} */
    boolean insideFrame() {
        return start != frameEnd;
    }

    /** {@return bytes until the begun frame is complete; 0 when none is begun} */
    int frameRemaining() {
        return frameEnd - start;
    }

    /** Takes note that the guest has been given bytes. @return how many frames were completed by them */
    int sent(final int bytes) {
        start += bytes;
        int completed = 0;
        if (frameEnd > start - bytes && frameEnd <= start) {
            completed = 1;
            shutdownSent |= begunIsShutdown;
        }
        while (frameEnd < start) {
            begunIsShutdown = (FrameDescriptor.flags(memory, frameEnd) & FrameDescriptor.FLAG_SHUTDOWN) != 0;
            frameEnd += FrameDescriptor.LENGTH_PREFIX + FrameDescriptor.length(memory, frameEnd);
            if (frameEnd <= start) {
                completed++;
                shutdownSent |= begunIsShutdown;
            }
        }
        return completed;
    }

    /** {@return whether the guest has been given a whole shutdown frame since the last call} */
    boolean takeShutdownSent() {
        final boolean sent = shutdownSent;
        shutdownSent = false;
        return sent;
    }
}
