package dev.sluice.agent;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FrameHandler;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;

/**
 * Hands each frame to the service that its type belongs to. What cannot be decoded, is unknown, is served by nobody or has other flags than
 * its type is counted and handed to {@link Refusals}. No frame ends the agent, and none that it does not understand ends a session for its
 * client while it goes on.
 *
 * <p>Order of the checks: envelope, flags, activity, id, payload. Source: relay protocol, generation 7, section 5.2.
 *
 * <p>One owner thread.
 */
final class FrameDispatcher implements FrameHandler {
    private final AgentCounters counters;
    private final SessionServices sessions;
    private final Refusals refusals;
    private final FrameService[] services = new FrameService[MessageType.values().length];
    private final Envelope envelope = new Envelope();

    FrameDispatcher(final AgentCounters counters, final SessionServices sessions, final Refusals refusals) {
        this.counters = counters;
        this.sessions = sessions;
        this.refusals = refusals;
    }

    /** Makes a service the taker of types that nobody takes yet. */
    void register(final FrameService service, final MessageType... types) {
        for (final MessageType type : types) {
            if (services[type.ordinal()] != null) {
                throw new IllegalArgumentException("served twice: type=" + type);
            }
            services[type.ordinal()] = service;
        }
    }

    @Override
    public void onFrame(final int id, final int flags, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        counters.increment(AgentCounter.FRAMES_IN);
        try {
            envelope.wrap(memory, bodyOffset, bodyLength);
        } catch (final ProtocolException e) {
            counters.increment(AgentCounter.FRAMES_UNDECODABLE);
            refusals.malformed(id, e);
            return;
        }
        final MessageType type = envelope.type();
        if (type != null && type.flags() != flags) {
            // A relay goes by flags alone: what they do not call a session would be none for it, and outlive its client.
            counters.increment(AgentCounter.FRAMES_BAD_FLAGS);
            refusals.badFlags(id, flags, envelope);
            return;
        }
        if (type != MessageType.CLOCK_SYNC && type != MessageType.PING && type != MessageType.TOUCH) {
            counters.increment(AgentCounter.ACTIVE_FRAMES_IN);
        }
        final FrameService service = type == null ? null : services[type.ordinal()];
        if (service == null) {
            counters.increment(type == null ? AgentCounter.FRAMES_UNKNOWN_TYPE : AgentCounter.FRAMES_UNSERVED);
            refusals.unserved(id, envelope);
        } else if (type.startsSession() && sessions.hasSession(id)) {
            counters.increment(AgentCounter.REQUESTS_ID_IN_USE);
        } else {
            serve(service, id, flags, FrameDescriptor.HEADER_LENGTH + bodyLength);
        }
    }

    private void serve(final FrameService service, final int id, final int flags, final int frameLength) {
        try {
            service.onFrame(id, flags, frameLength, envelope);
        } catch (final ProtocolException e) {
            counters.increment(AgentCounter.FRAMES_UNDECODABLE);
            refusals.badPayload(id, envelope, e);
        }
    }
}
