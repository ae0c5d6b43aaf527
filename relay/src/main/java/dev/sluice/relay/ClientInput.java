package dev.sluice.relay;

import dev.sluice.protocol.FrameDescriptor;
import java.lang.foreign.MemorySegment;

/**
 * The bytes one client has sent and the guest has not yet taken. A frame becomes eligible for the guest when it is complete.
 *
 * <pre>
 *   | sent | admitted, eligible | incomplete frame | room |
 *          ^ run.start          ^ run.end          ^ end  ^ limit
 * </pre>
 *
 * <p>Frames that fit {@link #CAPACITY} live in the client's own memory. A longer one is moved to an assembly buffer, where it lives alone.
 *
 * <p>Pure state: it reads no socket; the caller puts bytes where {@link #readOffset} says. One owner thread. No allocation.
 */
final class ClientInput {
    /** 64 KiB, the chunk that stream protocols use, and room for the head of the frame around it. */
    static final int CAPACITY = 64 * 1024 + 4 * 1024;

    /** What stands between the bytes received and the guest. */
    enum Progress {
        /** As many frames as are complete were admitted. */
        OK,
        /** The next frame is longer than {@link #CAPACITY}: give {@link #beginAssembly} a buffer once everything before it was sent. */
        NEEDS_ASSEMBLY,
        /** The client broke a rule; {@link #violation} says which. */
        VIOLATION
    }

    private final MemorySegment own;
    private final FrameRun run = new FrameRun();
    private long emptied;
    private MemorySegment memory;
    private MemorySegment assembly;
    private int limit;
    private int end;
    private Violation violation = Violation.NONE;

    /** @param own memory of {@link #CAPACITY} bytes that nobody else uses while the connection lives */
    ClientInput(final MemorySegment own) {
        this.own = own;
        useOwnMemory();
    }

    private void useOwnMemory() {
        memory = own;
        limit = CAPACITY;
        end = 0;
        run.reset(own, 0);
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where the next bytes from the client go. */
    int readOffset() {
        return end;
    }

    /** How many bytes may be read now; 0 when the guest has to take some first, or an assembly buffer has to come. */
    int readRoom() {
        return limit - end;
    }

    void received(final int bytes) {
        end += bytes;
    }

    /** The frames that may go to the guest. After {@code sent} on it, call {@link #compact}. */
    FrameRun run() {
        return run;
    }

    /** {@return whether a frame has begun that is not complete} */
    boolean hasIncompleteFrame() {
        return end > run.end();
    }

    /** {@return how often everything admitted was sent, or dropped: once that is more, what is in {@link #run} now has gone} */
    long emptied() {
        return emptied;
    }

    /** Drops everything received: there is no guest any more that any of it was meant for. */
    void drop() {
        emptied++;
        end = 0;
        run.reset(memory, 0);
    }

    /** Drops everything but the rest of the frame that the guest has part of. */
    void dropBehindBegunFrame() {
        end = run.dropBehindBegunFrame();
    }

    /** Drops what was received of a frame that will not be completed. */
    void forgetIncompleteFrame() {
        end = run.end();
    }

    Violation violation() {
        return violation;
    }

    /** Looks at what was received and admits every complete frame. */
    Progress admit(final ClientAdmission admission) {
        int position = run.end();
        Progress progress = Progress.OK;
        while (end - position >= FrameDescriptor.LENGTH_PREFIX) {
            final int length = FrameDescriptor.length(memory, position);
            violation = ClientAdmission.checkLength(length);
            if (violation == Violation.NONE && end - position >= FrameDescriptor.HEADER_LENGTH) {
                violation = admission.checkHeader(FrameDescriptor.id(memory, position), FrameDescriptor.flags(memory, position));
            }
            if (violation != Violation.NONE) {
                progress = Progress.VIOLATION;
                break;
            }
            final int frameLength = FrameDescriptor.LENGTH_PREFIX + length;
            if (end - position < frameLength) {
                if (frameLength > CAPACITY && assembly == null) {
                    progress = Progress.NEEDS_ASSEMBLY;
                }
                break;
            }
            final ClientAdmission.Verdict verdict = admission.admitted(
                FrameDescriptor.id(memory, position), FrameDescriptor.flags(memory, position),
                memory, position + FrameDescriptor.BODY_OFFSET, frameLength - FrameDescriptor.HEADER_LENGTH);
            if (verdict == ClientAdmission.Verdict.TOO_MANY_SESSIONS) {
                violation = Violation.TOO_MANY_SESSIONS;
                progress = Progress.VIOLATION;
                break;
            }
            if (verdict == ClientAdmission.Verdict.FORWARD || assembly != null) {
                position += frameLength;
            } else {
                remove(position, frameLength);
            }
        }
        run.extendTo(position);
        return progress;
    }

    /** Takes a frame out that is not for the guest: what is behind it moves up. */
    private void remove(final int position, final int frameLength) {
        final int next = position + frameLength;
        MemorySegment.copy(memory, next, memory, position, end - next);
        end -= frameLength;
    }

    /** Makes room after frames were sent: only the incomplete frame, if any, is moved, and only when nothing is before it. */
    void compact() {
        if (!run.isEmpty() || assembly != null) {
            return;
        }
        emptied++;
        final int rest = end - run.end();
        if (rest > 0 && run.end() > 0) {
            MemorySegment.copy(memory, run.end(), memory, 0, rest);
        }
        run.reset(memory, 0);
        end = rest;
    }

    /**
     * Moves the incomplete frame to a buffer that can hold all of it.
     *
     * @param buffer at least {@link FrameDescriptor#MAX_FRAME_LENGTH} bytes, this input's until {@link #endAssembly}
     */
    void beginAssembly(final MemorySegment buffer) {
        assert run.isEmpty() && assembly == null;
        final int position = run.end();
        final int rest = end - position;
        MemorySegment.copy(memory, position, buffer, 0, rest);
        limit = FrameDescriptor.LENGTH_PREFIX + FrameDescriptor.length(memory, position);
        assembly = buffer;
        memory = buffer;
        end = rest;
        run.reset(buffer, 0);
    }

    /** {@return whether an assembly buffer is held} */
    boolean isAssembling() {
        return assembly != null;
    }

    /** {@return whether an assembly buffer is held whose frame the guest has taken whole} */
    boolean assemblyDone() {
        return assembly != null && run.isEmpty() && run.end() == limit;
    }

    /** Goes back to the client's own memory. @return the assembly buffer, or null when none was held */
    MemorySegment endAssembly() {
        final MemorySegment buffer = assembly;
        if (buffer != null) {
            assembly = null;
            useOwnMemory();
        }
        return buffer;
    }
}
