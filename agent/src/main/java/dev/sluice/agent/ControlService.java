package dev.sluice.agent;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.MessageType;

/** The host's orders to the agent itself: so far, to shut down. One owner thread. */
final class ControlService implements FrameService {
    private final AgentCounters counters;
    private final Runnable onShutdown;
    private boolean shutdownOrdered;

    /**
     * No orders yet.
     *
     * @param counters of the agent
     * @param onShutdown called at once when core.shutdown comes, before any frame behind it is looked at
     */
    ControlService(final AgentCounters counters, final Runnable onShutdown) {
        this.counters = counters;
        this.onShutdown = onShutdown;
    }

    /** Has the frames of the control channel handed to this service. */
    void register(final FrameDispatcher dispatcher) {
        dispatcher.register(this, MessageType.SHUTDOWN);
    }

    /** @return whether core.shutdown has come */
    boolean isShutdownOrdered() {
        return shutdownOrdered;
    }

    @Override
    public void onFrame(final int id, final int flags, final int frameLength, final Envelope envelope) {
        if (id == 0 && (flags & FrameDescriptor.FLAG_SHUTDOWN) != 0) {
            shutdownOrdered = true;
            onShutdown.run();
        } else {
            // The relay judges by id and flag who may shut a guest down: a frame without them has not been judged.
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
        }
    }
}
