package dev.sluice.relay;

import dev.sluice.protocol.IdGrid;

/**
 * Who holds which range of correlation ids.
 *
 * <p>The id space is one grid of {@value #RANGES} ranges. A range is free, held by a client, or in quarantine: its client left, but
 * sessions it opened may still speak. Ranges are handed out in rotation, so that a range comes round again as late as possible; one whose
 * quarantine ran out with sessions still open is taken only when no clean one is left.
 *
 * <p>Pure state, time comes in as an argument. One owner thread. No allocation after construction but for the maps of open sessions.
 */
final class RangeTable {
    static final int RANGES = IdGrid.RANGE_COUNT;
    /** Result of {@link #rangeOf} for ids that lie in no range. */
    static final int NO_RANGE = -1;

    /** More than this many sessions of all clients are not remembered. */
    private static final int MAX_TRACKED = 262_144;
    /** A quarantine ends no sooner than after this time, whoever waits for a range. */
    private static final long MIN_QUARANTINE_NS = 5_000_000_000L;

    private enum State { FREE, SUSPECT, HELD, QUARANTINED }

    private final State[] states = new State[RANGES];
    private final Sessions[] sessions = new Sessions[RANGES];
    private final long[] quarantineStartNs = new long[RANGES];
    private final long[] quarantineEndNs = new long[RANGES];
    private final boolean[] ofReplacedGuest = new boolean[RANGES];
    /** Sessions were opened that are not remembered, so that nobody knows when the last has ended. */
    private final boolean[] lostCount = new boolean[RANGES];
    private int next;
    private int quarantined;
    private int sessionsOpen;

    RangeTable() {
        for (int range = 0; range < RANGES; range++) {
            states[range] = State.FREE;
            sessions[range] = new Sessions();
        }
    }

    /**
     * Finds the range an id lies in. Ids are unsigned; 0 and the last id of each grid step, which is nobody's, are in none.
     */
    static int rangeOf(final int id) {
        return IdGrid.indexOf(id);
    }

    /** The offset that the 4-byte handshake announces: the id before the range's first. */
    static int idOffset(final int range) {
        return range * IdGrid.RANGE_STEP;
    }

    /** {@return a range that is now held, or {@link #NO_RANGE}} */
    int take() {
        int range = find(State.FREE);
        if (range == NO_RANGE) {
            range = find(State.SUSPECT);
        }
        if (range != NO_RANGE) {
            states[range] = State.HELD;
            ofReplacedGuest[range] = false;
            clearSessions(range);
            next = (range + 1) % RANGES;
        }
        return range;
    }

    /** {@return whether {@link #take} would find a range} */
    boolean hasAvailable() {
        return find(State.FREE) != NO_RANGE || find(State.SUSPECT) != NO_RANGE;
    }

    private int find(final State wanted) {
        for (int i = 0; i < RANGES; i++) {
            final int range = (next + i) % RANGES;
            if (states[range] == wanted) {
                return range;
            }
        }
        return NO_RANGE;
    }

    /** Takes a range back from its client; it is quarantined until its sessions have ended or the deadline has passed. */
    void leave(final int range, final long nowNs, final long deadlineNs) {
        assert states[range] == State.HELD;
        if (sessions[range].count() == 0 && !lostCount[range]) {
            states[range] = State.FREE;
        } else {
            states[range] = State.QUARANTINED;
            quarantineStartNs[range] = nowNs;
            quarantineEndNs[range] = ofReplacedGuest[range] ? soonestEnd(nowNs, deadlineNs) : deadlineNs;
            quarantined++;
        }
    }

    /** Takes note of a session that a client has opened. @return false when it could not be remembered because too many are */
    boolean sessionOpened(final int range, final int id, final SessionKind kind) {
        final Sessions ofRange = sessions[range];
        final int before = ofRange.count();
        final boolean remembered = sessionsOpen < MAX_TRACKED && ofRange.open(id, kind);
        sessionsOpen += ofRange.count() - before;
        lostCount[range] |= !remembered;
        return remembered;
    }

    /** Takes note of a terminal frame from the guest. @return whether that session was open */
    boolean sessionEnded(final int range, final int id) {
        final boolean ended = sessions[range].end(id);
        if (ended) {
            sessionsOpen--;
        }
        if (isQuarantined(range) && sessions[range].count() == 0 && !lostCount[range]) {
            if (states[range] == State.QUARANTINED) {
                quarantined--;
            }
            states[range] = State.FREE;
        }
        return ended;
    }

    /**
     * Ends every quarantine whose deadline has passed, and when nobody could be given a range, those that have lasted a while.
     *
     * @return how many ended with sessions still open
     */
    int expire(final long nowNs) {
        final boolean wanted = quarantined > 0 && !hasAvailable();
        int expired = 0;
        for (int range = 0; quarantined > 0 && range < RANGES; range++) {
            if (states[range] == State.QUARANTINED
                && (quarantineEndNs[range] - nowNs <= 0 || wanted && nowNs - quarantineStartNs[range] >= MIN_QUARANTINE_NS)) {
                states[range] = State.SUSPECT;
                quarantined--;
                expired++;
            }
        }
        return expired;
    }

    /** {@return nanoseconds until the next quarantine ends, {@link Long#MAX_VALUE} when there is none, never negative} */
    long nextExpiryIn(final long nowNs) {
        long soonest = Long.MAX_VALUE;
        for (int range = 0; quarantined > 0 && range < RANGES; range++) {
            if (states[range] == State.QUARANTINED) {
                soonest = Math.min(soonest, Math.max(0, quarantineEndNs[range] - nowNs));
            }
        }
        return soonest;
    }

    /**
     * Another agent speaks at the same port. It may find requests there that were meant for the first, act on them, and be told to kill
     * what it has started; other sessions of the first will never end. So ranges with sessions of the first are waited for, but no longer
     * than an agent may take to get through what it finds.
     */
    void guestReplaced(final long nowNs) {
        for (int range = 0; range < RANGES; range++) {
            if (states[range] == State.HELD) {
                ofReplacedGuest[range] = sessions[range].count() > 0 || lostCount[range];
            } else if (states[range] == State.QUARANTINED) {
                quarantineStartNs[range] = nowNs;
                quarantineEndNs[range] = soonestEnd(nowNs, quarantineEndNs[range]);
            }
        }
    }

    private static long soonestEnd(final long nowNs, final long deadlineNs) {
        return nowNs + Math.min(MIN_QUARANTINE_NS, deadlineNs - nowNs);
    }

    /** The guest is gone, and every session with it: no range has anything left to wait for. */
    void guestLost() {
        for (int range = 0; range < RANGES; range++) {
            clearSessions(range);
            ofReplacedGuest[range] = false;
            if (states[range] != State.HELD) {
                states[range] = State.FREE;
            }
        }
        quarantined = 0;
    }

    private void clearSessions(final int range) {
        sessionsOpen -= sessions[range].count();
        sessions[range].clear();
        lostCount[range] = false;
    }

    /** {@return the open sessions of one range; opened, ended and cleared through this table alone, which counts them} */
    Sessions sessions(final int range) {
        return sessions[range];
    }

    boolean isHeld(final int range) {
        return states[range] == State.HELD;
    }

    boolean isQuarantined(final int range) {
        return states[range] == State.QUARANTINED || states[range] == State.SUSPECT;
    }

    int quarantinedCount() {
        return quarantined;
    }

    /** {@return how many sessions are open in all ranges, those of clients that left included} */
    int sessionsOpen() {
        return sessionsOpen;
    }
}
