package dev.sluice.relay;

import java.util.ArrayDeque;

/**
 * Which sessions have credit with the log: those whose client and guest have both announced windows, as far as the ring has room for them.
 * Every other is recorded as long as there is room.
 *
 * <p>One owner thread, the loop's. No allocation per frame.
 */
final class LogCreditTable {
    private static final long MOST_ROOM = 512 * 1024;

    private final ExecLogRing ring;
    private final ExecLogShared shared;
    private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
    /** Of sessions that have ended, with something of theirs still in the ring. */
    private final ArrayDeque<LogCredit> settling = new ArrayDeque<>();
    private boolean guestHasWindows;

    LogCreditTable(final ExecLogRing ring, final ExecLogShared shared) {
        this.ring = ring;
        this.shared = shared;
        for (int slot = 0; slot < ExecLogShared.SLOTS; slot++) {
            freeSlots.add(slot);
        }
    }

    void guestHasWindows(final boolean value) {
        guestHasWindows = value;
    }

    /** Begins the credit of a session. @return null when it has none */
    LogCredit open(final long window) {
        if (window == 0 || !guestHasWindows) {
            return null;
        }
        releaseSettled();
        final long room = freeSlots.isEmpty() ? 0 : reserve(window);
        if (room == 0) {
            return null;
        }
        final int slot = freeSlots.poll();
        return new LogCredit(slot, window, room, accounted(slot, 0), accounted(slot, 1));
    }

    /** Keeps as much room for each stream as lets it flow while the writer is at work, if there is that much. @return 0 for none */
    private long reserve(final long window) {
        for (long room = MOST_ROOM; room > window; room /= 2) {
            // The rest of the ring is for sessions to come, who should get something too.
            if (ring.reserved() + LogCredit.reserved(room) <= ring.capacity() / 2 && ring.reserve(LogCredit.reserved(room))) {
                return room;
            }
        }
        return ring.reserve(LogCredit.reserved(window)) ? window : 0;
    }

    /** A session has ended; its place is another's when all of it is accounted for. */
    void close(final LogCredit credit) {
        if (credit != null) {
            settling.add(credit);
            releaseSettled();
        }
    }

    private void releaseSettled() {
        for (int i = settling.size(); i > 0; i--) {
            final LogCredit credit = settling.poll();
            if (credit.isSettled(0, accounted(credit.slot(), 0)) && credit.isSettled(1, accounted(credit.slot(), 1))) {
                ring.unreserve(credit.reserved());
                freeSlots.add(credit.slot());
            } else {
                settling.add(credit);
            }
        }
    }

    /** {@return how much more the guest of a session may be granted now} */
    long release(final LogCredit credit, final int stream) {
        return shared.dead() ? credit.releaseAll(stream) : credit.release(stream, accounted(credit.slot(), stream));
    }

    /** {@return whether a frame goes into the room that is kept for its session; it is counted as seen if so} */
    boolean takesFromReserve(final LogCredit credit, final int stream, final int frameLength) {
        if (credit == null || !credit.hasRoom(stream, frameLength, accounted(credit.slot(), stream))) {
            return false;
        }
        credit.seen(stream, frameLength);
        return true;
    }

    long accounted(final int slot, final int stream) {
        return shared.accounted(LogCredit.STREAMS * slot + stream);
    }
}
