package dev.sluice.agent;

import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.FrameHandler;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.lang.foreign.MemorySegment;

/**
 * Hands each frame to the service that its type belongs to. What cannot be decoded, is unknown or is served by nobody is counted and
 * ignored, unless it is to begin a session, which somebody waits for; what has other flags than its type is refused. No frame ends the
 * agent, and none that it does not understand ends a session.
 *
 * <p>One owner thread.
 */
final class FrameDispatcher implements FrameHandler {
    private final AgentCounters counters;
    private final FrameService[] services = new FrameService[MessageType.values().length];
    private final Envelope envelope = new Envelope();
    private FrameService otherRequests;

    FrameDispatcher(final AgentCounters counters) {
        this.counters = counters;
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

    /** Makes a service the taker of frames that begin a session and that nobody else takes, unknown types included. */
    void registerForOtherRequests(final FrameService service) {
        otherRequests = service;
    }

    @Override
    public void onFrame(final int id, final int flags, final MemorySegment memory, final long bodyOffset, final int bodyLength) {
        counters.increment(AgentCounter.FRAMES_IN);
        try {
            envelope.wrap(memory, bodyOffset, bodyLength);
        } catch (final ProtocolException e) {
            counters.increment(AgentCounter.FRAMES_UNDECODABLE);
            return;
        }
        if (envelope.type() != null && envelope.type().flags() != flags) {
            // A relay goes by flags alone: what they do not call a session would be none for it, and outlive its client.
            counters.increment(AgentCounter.FRAMES_BAD_FLAGS);
            if (otherRequests != null) {
                otherRequests.onBadFlags(id, flags, envelope);
            }
            return;
        }
        final FrameService service = takerOf(flags);
        if (service == null) {
            return;
        }
        try {
            service.onFrame(id, flags, FrameDescriptor.HEADER_LENGTH + bodyLength, envelope);
        } catch (final ProtocolException e) {
            counters.increment(AgentCounter.FRAMES_UNDECODABLE);
            service.onUndecodable(id, envelope, e);
        }
    }

    private FrameService takerOf(final int flags) {
        final boolean known = envelope.type() != null;
        final FrameService service = known ? services[envelope.type().ordinal()] : null;
        if (service != null) {
            return service;
        }
        counters.increment(known ? AgentCounter.FRAMES_UNSERVED : AgentCounter.FRAMES_UNKNOWN_TYPE);
        return (flags & FrameDescriptor.FLAG_SESSION_START) == 0 ? null : otherRequests;
    }
}
