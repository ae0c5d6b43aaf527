package dev.sluice.client;

import dev.sluice.protocol.IdRange;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * The sessions of a connection by their ids. Ids are handed out in turn and come round again; one whose session has not ended is passed
 * over. Thread safe.
 */
final class SessionTable {
    private final ConcurrentMap<Integer, Session> sessions = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final IdRange range;
    private long next;
    private Supplier<SandboxException> failure;

    /** An empty table, whose first session gets the first id of the range. */
    SessionTable(final IdRange range) {
        this.range = range;
        this.next = range.start();
    }

    /**
     * Makes a session and enters it.
     *
     * @param factory makes the session of an id; must not wait
     * @return what the factory made
     * @throws SandboxException when the connection has failed
     */
    <T extends OutputSink> OpenedSession<T> add(final IntFunction<OpenedSession<T>> factory) throws SandboxException {
        lock.lock();
        try {
            if (failure != null) {
                throw failure.get();
            }
            if (sessions.size() >= range.size()) {
                throw new IllegalStateException("every id has a session: range=" + range);
            }
            while (sessions.containsKey((int) next)) {
                advance();
            }
            final OpenedSession<T> opened = factory.apply((int) next);
            sessions.put((int) next, opened.session());
            advance();
            return opened;
        } finally {
            lock.unlock();
        }
    }

    /** The session of an id, or null. */
    Session find(final int id) {
        return sessions.get(id);
    }

    /** Removes a session that has ended, or never began: its id may be used again. */
    void remove(final Session session) {
        sessions.remove(session.id(), session);
    }

    /** Fails every session there is and refuses new ones. Only the first call counts. */
    void fail(final Supplier<SandboxException> reason) {
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            failure = reason;
        } finally {
            lock.unlock();
        }
        for (final Session session : sessions.values()) {
            session.onFailed(reason);
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
