package dev.sluice.agent;

import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.ClockSync;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;

/**
 * The relay's own orders, in session 0: to shut down, that a client has left, the time. Nobody else may give them: the relay judges who
 * may shut a
 * guest down, and a client that names another's range would end its sessions.
 *
 * <p>One owner thread.
 */
final class ControlService implements FrameService {
    private final AgentCounters counters;
    private final SessionServices sessions;
    private final Refusals refusals;
    private final GuestClock clock;
    private boolean shutdownOrdered;

    /**
     * No orders yet.
     *
     * @param counters of the agent
     * @param sessions told at once of core.shutdown, before any frame behind it is looked at, and of clients that have left
     * @param refusals for orders of those who have none to give
     * @param clock to be set when the relay says so, or null
     */
    ControlService(
        final AgentCounters counters, final SessionServices sessions, final Refusals refusals, final GuestClock clock) {
        this.counters = counters;
        this.sessions = sessions;
        this.refusals = refusals;
        this.clock = clock;
    }

    /** Has the frames of the control channel handed to this service. */
    void register(final FrameDispatcher dispatcher) {
        dispatcher.register(
            this, MessageType.SHUTDOWN, MessageType.CLIENT_DISCONNECTED, MessageType.CLOCK_SYNC, MessageType.INIT_ACK,
            MessageType.BOOTSTRAP);
    }

    /** @return whether core.shutdown has come */
    boolean isShutdownOrdered() {
        return shutdownOrdered;
    }

    @Override
    public void onFrame(final int id, final int flags, final int frameLength, final Envelope envelope) throws ProtocolException {
        if (id != 0) {
            refusals.notForClients(id, envelope);
            return;
        }
        switch (envelope.type()) {
            case SHUTDOWN -> {
                shutdownOrdered = true;
                sessions.refuseNew();
            }
            case CLIENT_DISCONNECTED -> {
                final ClientDisconnected client = (ClientDisconnected) Frames.decode(envelope);
                sessions.abandon(client.idStart(), client.idEndExclusive());
            }
            case CLOCK_SYNC -> {
                final ClockSync sync = (ClockSync) Frames.decode(envelope);
                if (clock == null) {
                    counters.increment(AgentCounter.ORDERS_IGNORED);
                } else {
                    clock.sync(sync.unixTimeNanos());
                }
            }
            // What a guest is to be is told to one that boots; the others are not to mind.
            default -> counters.increment(AgentCounter.ORDERS_IGNORED);
        }
    }
}
