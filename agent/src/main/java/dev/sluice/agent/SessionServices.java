package dev.sluice.agent;

import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowPayload;
import java.util.List;

/**
 * All services that have sessions, as the loop sees them, and the frames that may concern a session of any of them: grants, and a client's
 * departure. One owner thread.
 */
final class SessionServices implements FrameService {
    private static final long ID_END = 1L << Integer.SIZE;

    private final AgentCounters counters;
    private final List<SessionService> services;
    private final WindowPayload window = new WindowPayload();

    SessionServices(final AgentCounters counters, final SessionService... services) {
        this.counters = counters;
        this.services = List.of(services);
    }

    /** Has the frames of sessions handed to their services. */
    void register(final FrameDispatcher dispatcher) {
        services.forEach(service -> service.register(dispatcher));
        dispatcher.register(this, MessageType.WINDOW, MessageType.CLIENT_DISCONNECTED);
    }

    @Override
    public void onFrame(final int id, final int flags, final int frameLength, final Envelope envelope) throws ProtocolException {
        if (envelope.type() == MessageType.WINDOW) {
            window.wrap(envelope);
            onGrant(id);
        } else {
            onClientDisconnected(id, (ClientDisconnected) Frames.decode(envelope));
        }
    }

    private void onGrant(final int id) {
        for (final SessionService service : services) {
            if (service.hasSession(id)) {
                service.grant(id, window.stream(), window.bytes());
                return;
            }
        }
        counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
    }

    /** The relay says so; a client's frames cannot have id 0. */
    private void onClientDisconnected(final int id, final ClientDisconnected client) {
        if (id == 0) {
            services.forEach(service -> service.abandon(client.idStart(), client.idEndExclusive()));
        } else {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
        }
    }

    /** @return whether any service has a session of that id */
    boolean hasSession(final int id) {
        return services.stream().anyMatch(service -> service.hasSession(id));
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

    /** Begins nothing any more. */
    void refuseNew() {
        services.forEach(SessionService::refuseNew);
    }

    /** Ends all sessions and waits for nobody to take what they have: all that is left to send are terminal answers. */
    void abandonAll() {
        services.forEach(service -> service.abandon(0, ID_END));
    }

    /** Ends all sessions at once; nobody is told. */
    void destroyAll() {
        services.forEach(SessionService::destroyAll);
    }
}
