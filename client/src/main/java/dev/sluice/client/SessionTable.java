package dev.sluice.client;

import dev.sluice.protocol.IdRange;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;

/**
 * The sessions of a connection by their ids. Ids are handed out in turn and come round again; one whose session has not ended is passed
 * over. Thread safe.
 */
final class SessionTable {
    /** Most sessions of a connection at a time; more have to wait. */
    static final int MAX_SESSIONS = 16 * 1024;

    private final ConcurrentMap<Integer, Session> sessions = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final IdRange range;
    private final int capacity;
    private int count;
    private long next;
    private ConnectionLoss loss;

    /** An empty table, whose first session gets the first id of the range. */
    SessionTable(final IdRange range) {
        this.range = range;
        this.capacity = (int) Math.min(MAX_SESSIONS, range.size());
        this.next = range.start();
    }

    /**
     * Makes a session and enters it, when there is room for one more.
     *
     * @param factory makes the session of an id, its handler included; must not wait
     * @return what the factory made
     * @throws SandboxException when the connection has failed, or no session ended in time
     */
    <H extends SessionHandler> OpenedSession<H> add(final IntFunction<OpenedSession<H>> factory, final Deadline deadline)
        throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            while (loss == null && count == capacity) {
                deadline.await(freed, "other sessions to end: this connection has as many as it can", Outcome.NOT_SENT);
            }
            if (loss != null) {
                throw loss.exception(Outcome.NOT_SENT);
            }
            while (sessions.containsKey((int) next)) {
                advance();
            }
            final OpenedSession<H> opened = factory.apply((int) next);
            sessions.put((int) next, opened.session());
            count++;
            advance();
            return opened;
        } finally {
            lock.unlock();
        }
    }

    /** Tells whether an id is one of this connection's, in use or not. */
    boolean owns(final int id) {
        return range.contains(id);
    }

    /** The session of an id, or null. */
    Session find(final int id) {
        return sessions.get(id);
    }

    /** Removes a session that has ended, or never began: its id may be used again. Nothing happens when it is not there any more. */
    void remove(final Session session) {
        // In this order: nobody gets the id while something of this session may still be sent.
        session.markEnded();
        if (sessions.remove(session.id(), session)) {
            lock.lock();
            try {
                count--;
                freed.signal();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Fails every session there is and refuses new ones. Only the first call counts. */
    void fail(final ConnectionLoss reason) {
        lock.lock();
        try {
            if (loss != null) {
                return;
            }
            loss = reason;
            freed.signalAll();
        } finally {
            lock.unlock();
        }
        for (final Session session : sessions.values()) {
            session.lose(reason);
            remove(session);
        }
    }

    /** How many sessions have not ended. */
    int size() {
        return sessions.size();
    }

    private void advance() {
        next = next + 1 < range.endExclusive() ? next + 1 : range.start();
    }
}
