package dev.sluice.relay;

import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.MessageType;
import java.lang.foreign.MemorySegment;

/**
 * Decides which of one client's frames reach the guest, and remembers the sessions they open. The length, the id and the rule for shutdown
 * are all that is enforced: unknown types and unknown sessions pass.
 *
 * <p>Pure state. One owner thread. No allocation per frame in steady state.
 */
final class ClientAdmission {
    private final int range;
    private final RangeTable ranges;
    private final RelayCounters counters;
    private final boolean mayShutDown;
    /** Null without an exec log. */
    private final ExecLogTap tap;
    private boolean admittedAny;

    ClientAdmission(
        final int range, final RangeTable ranges, final boolean mayShutDown, final ExecLogTap tap, final RelayCounters counters) {
        this.range = range;
        this.ranges = ranges;
        this.mayShutDown = mayShutDown;
        this.tap = tap;
        this.counters = counters;
    }

    /** Checks what the length prefix says, before anything is done with it. */
    static Violation checkLength(final int length) {
        if (Integer.compareUnsigned(length, FrameDescriptor.MIN_LENGTH) < 0) {
            return Violation.TOO_SHORT;
        }
        return Integer.compareUnsigned(length, FrameDescriptor.MAX_LENGTH) > 0 ? Violation.TOO_LONG : Violation.NONE;
    }

    /** Checks id and flags of a frame, complete or not. */
    Violation checkHeader(final int id, final int flags) {
        final boolean shutdown = (flags & FrameDescriptor.FLAG_SHUTDOWN) != 0;
        if (id == 0 || shutdown) {
            if (id != 0 || !shutdown) {
                return Violation.BAD_CONTROL;
            }
            return mayShutDown ? Violation.NONE : Violation.SHUTDOWN_NOT_ALLOWED;
        }
        return RangeTable.rangeOf(id) == range ? Violation.NONE : Violation.FOREIGN_ID;
    }

    /** What becomes of a complete frame. */
    enum Verdict {
        /** It goes to the guest. */
        FORWARD,
        /** It is a grant that waits for the exec log, and which the relay sends on itself. */
        TAKEN,
        /** It starts one more program than the relay can look after. */
        TOO_MANY_SESSIONS
    }

    /** Takes note of a complete frame that is about to go to the guest. */
    Verdict admitted(final int id, final int flags, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        admittedAny = true;
        if ((flags & FrameDescriptor.FLAG_SESSION_START) != 0) {
            final SessionKind kind = SessionKind.openedBy(MessageType.recognise(memory, bodyOffset, bodyLength));
            if (kind != null && !opened(id, kind, memory, bodyOffset, bodyLength)) {
                return Verdict.TOO_MANY_SESSIONS;
            }
        }
        return tap != null && flags == 0 && tap.takesGrant(id, memory, bodyOffset, bodyLength) ? Verdict.TAKEN : Verdict.FORWARD;
    }

    /** {@return false for a program that the relay could not end when its client leaves, nor record} */
    private boolean opened(
        final int id, final SessionKind kind, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        counters.increment(RelayCounter.SESSIONS_OPENED);
        if (!ranges.sessionOpened(range, id, kind)) {
            counters.increment(RelayCounter.SESSIONS_UNTRACKED);
            return kind != SessionKind.EXEC;
        }
        if (tap != null && kind == SessionKind.EXEC) {
            tap.opened(id, memory, bodyOffset, bodyLength);
        }
        return true;
    }

    /** {@return whether any frame was admitted: the guest may hold something of this client} */
    boolean admittedAny() {
        return admittedAny;
    }

    /** The guest that was handed frames is gone: the next one need not be told when this client leaves. */
    void guestLost() {
        admittedAny = false;
    }
}
