package dev.sluice.agent;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowPayload;
import java.util.ArrayList;
import java.util.List;

/**
 * All services that have sessions, as the loop sees them, and the frames that may concern a session of any of them: grants. One owner
 * thread.
 */
final class SessionServices implements FrameService {
    private static final long ID_END = 1L << Integer.SIZE;

    private final AgentCounters counters;
    private final List<SessionService> services = new ArrayList<>();
    private final WindowPayload window = new WindowPayload();

    /**
     * No services yet.
     *
     * @param counters of the agent
     */
    SessionServices(final AgentCounters counters) {
        this.counters = counters;
    }

    /** Adds services, before any frame comes. */
    void add(final SessionService... added) {
        services.addAll(List.of(added));
    }

    /** Has the frames of sessions handed to their services. */
    void register(final FrameDispatcher dispatcher) {
        services.forEach(service -> service.register(dispatcher));
        dispatcher.register(this, MessageType.WINDOW);
    }

    @Override
    public void onFrame(final int id, final int flags, final int frameLength, final Envelope envelope) throws ProtocolException {
        window.wrap(envelope);
        final SessionService owner = ownerOf(id);
        if (owner == null) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
        } else {
            owner.grant(id, window.stream(), window.bytes());
        }
    }

    private SessionService ownerOf(final int id) {
        for (final SessionService service : services) {
            if (service.hasSession(id)) {
                return service;
            }
        }
        return null;
    }

    /** @return whether any service has a session of that id */
    boolean hasSession(final int id) {
        return ownerOf(id) != null;
    }

    /**
     * A frame that is not to begin a session could not be served.
     *
     * @param id of a session that there is
     * @param type of the frame, null when not even that could be read
     * @param reason what was wrong, for people
     */
    void onBadFrame(final int id, final MessageType type, final String reason) {
        ownerOf(id).onBadFrame(id, type, reason);
    }

    /** @return whether there are no sessions at all */
    boolean isEmpty() {
        for (final SessionService service : services) {
            if (!service.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** @return whether frames have to be left unread for now */
    boolean isCongested() {
        for (final SessionService service : services) {
            if (service.isCongested()) {
                return true;
            }
        }
        return false;
    }

    /** @return for whom frames are left unread, or null */
    InputSink congested() {
        for (final SessionService service : services) {
            final InputSink sink = service.congested();
            if (sink != null) {
                return sink;
            }
        }
        return null;
    }

    /** Epoll has reported one of a session's descriptors. */
    void onEvent(final long token, final int events) {
        for (final SessionService service : services) {
            if (service.ownsEvents(EventToken.kind(token))) {
                service.onEvent(token, events);
                return;
            }
        }
        throw new AssertionError("event token " + token);
    }

    /**
     * Does what the time has come for.
     *
     * @return nanoseconds until the next time, {@link Long#MAX_VALUE} when there is none
     */
    long onTime() {
        long remainingNs = Long.MAX_VALUE;
        for (final SessionService service : services) {
            remainingNs = Math.min(remainingNs, service.onTime());
        }
        return remainingNs;
    }

    /**
     * Does what the time has come for, of what has its time whether the port takes anything or not.
     *
     * @param nowNs monotonic time
     * @return nanoseconds until the next time, {@link Long#MAX_VALUE} when there is none
     */
    long onRealTime(final long nowNs) {
        long remainingNs = Long.MAX_VALUE;
        for (final SessionService service : services) {
            remainingNs = Math.min(remainingNs, service.onRealTime(nowNs));
        }
        return remainingNs;
    }

    /** Notes in the counters how many sessions there are now. */
    void countSessions() {
        services.forEach(SessionService::countSessions);
    }

    /** @return whether something still goes its way that was promised to a session which is over by now */
    boolean isDelivering() {
        for (final SessionService service : services) {
            if (service.isDelivering()) {
                return true;
            }
        }
        return false;
    }

    /** Begins nothing any more. */
    void refuseNew() {
        services.forEach(SessionService::refuseNew);
    }

    /**
     * A client has left.
     *
     * @param idStart first id of the client, unsigned
     * @param idEnd id behind its last
     */
    void abandon(final long idStart, final long idEnd) {
        services.forEach(service -> service.abandon(idStart, idEnd));
    }

    /** Ends all sessions and waits for nobody to take what they have: all that is left to send are terminal answers. */
    void abandonAll() {
        abandon(0, ID_END);
    }

    /** The host has gone: sessions end, or go on without it. */
    void detachAll() {
        services.forEach(SessionService::detachAll);
    }

    /** Ends all sessions at once; nobody is told. */
    void destroyAll() {
        services.forEach(SessionService::destroyAll);
    }
}
