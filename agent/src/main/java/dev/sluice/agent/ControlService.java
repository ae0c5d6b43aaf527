package dev.sluice.agent;

import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;

/**
 * The relay's own orders, in session 0: to shut down, that a client has left. Nobody else may give them: the relay judges who may shut a
 * guest down, and a client that names another's range would end its sessions.
 *
 * <p>One owner thread.
 */
final class ControlService implements FrameService {
    private final AgentCounters counters;
    private final SessionServices sessions;
    private final Refusals refusals;
    private boolean shutdownOrdered;

    /**
     * No orders yet.
     *
     * @param counters of the agent
     * @param sessions told at once of core.shutdown, before any frame behind it is looked at, and of clients that have left
     * @param refusals for orders of those who have none to give
     */
    ControlService(final AgentCounters counters, final SessionServices sessions, final Refusals refusals) {
        this.counters = counters;
        this.sessions = sessions;
        this.refusals = refusals;
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
            // What a guest is to be is told to one that boots; the others are not to mind.
            default -> counters.increment(AgentCounter.ORDERS_IGNORED);
        }
    }
}
