package dev.sluice.relay;

import java.lang.foreign.MemorySegment;

/**
 * Tells clients that sessions of theirs have ended when nobody else will: their guest is gone, the relay ends, or what a program writes
 * cannot be recorded. Each session is told one end at most.
 *
 * <p>One owner thread.
 */
final class SessionEnds {
    /** No frame that ends a session is longer. */
    private static final int MAX_END_LENGTH = 512;

    private final ClientTable clients;
    private final RangeTable ranges;
    private final RelayCounters counters;
    private final Downstream downstream;
    private final GuestControl control;
    private final GuestOrders orders;
    /** Null without an exec log. */
    private final ExecLogTap tap;
    private final RelayLog log;
    private final long drainNs;

    /** @param drainNs how long a client has to take what it is told */
    SessionEnds(
        final ClientTable clients, final RangeTable ranges, final RelayCounters counters, final Downstream downstream,
        final GuestControl control, final GuestOrders orders, final ExecLogTap tap, final RelayLog log, final long drainNs) {
        this.clients = clients;
        this.ranges = ranges;
        this.counters = counters;
        this.downstream = downstream;
        this.control = control;
        this.orders = orders;
        this.tap = tap;
        this.log = log;
        this.drainNs = drainNs;
    }

    /**
     * Ends every client of the guest. One that was sent part of a frame gets the end of its connection right behind it, which says that
     * something was lost; the others get the end of each session first.
     */
    void endClients(final String reason, final long nowNs) {
        final ClientConnection insideFrame = downstream.clientInsideFrame();
        clients.forEach(client -> {
            if (client.isOpen()) {
                if (client != insideFrame) {
                    failSessions(client, reason);
                }
                clients.end(client, nowNs + drainNs);
            }
        });
    }

    private void failSessions(final ClientConnection client, final String reason) {
        final Sessions sessions = ranges.sessions(client.range());
        for (final int id : sessions.ids()) {
            if (tap != null && tap.isEndTold(id)) {
                continue;
            }
            if (clients.room(client) < MAX_END_LENGTH) {
                // It reads nothing; that its connection ends will have to do.
                return;
            }
            final byte[] frame = RelayFrames.sessionLost(control.generation(), id, sessions.kind(id), reason);
            if (frame != null) {
                clients.append(client, MemorySegment.ofArray(frame), 0, frame.length);
                counters.increment(RelayCounter.SESSIONS_FAILED);
            }
        }
    }

    /**
     * Ends a session whose output cannot be recorded: its client is told, its program killed.
     *
     * @return whether that could be done; not inside a frame for its client, and not while that has no room
     */
    boolean endUnrecorded(final LoggedSession session) {
        final int range = RangeTable.rangeOf(session.id());
        final ClientConnection client = clients.byRange(range);
        final boolean runs = ranges.sessions(range).kind(session.id()) == SessionKind.EXEC;
        if (client == null || !client.isOpen() || !runs && !session.isWithheld()) {
            // It has ended by itself and its client knows, or its client has left: its program is being killed.
            return true;
        }
        final byte[] frame = RelayFrames.sessionEnded(
            control.generation(), session.id(), "the output of this program cannot be recorded");
        if (client == downstream.clientInsideFrame() || clients.room(client) < frame.length || !session.isRequestSent(client.input())) {
            // The last: what the relay orders overtakes what clients have sent, and a program is not killed before it is started.
            return false;
        }
        clients.append(client, MemorySegment.ofArray(frame), 0, frame.length);
        downstream.dropUndelivered(session.id());
        session.endTold();
        if (runs) {
            orders.kill(session.id());
        }
        counters.increment(RelayCounter.EXEC_LOG_SESSIONS_ENDED);
        log.warning(RelayLog.Subject.LOCAL, "{0}: session {1} ended: its output cannot be recorded", client, session.number());
        return true;
    }
}
