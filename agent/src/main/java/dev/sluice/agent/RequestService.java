package dev.sluice.agent;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.protocol.Touched;
import java.util.function.IntPredicate;

/**
 * Requests that become no session, because one answer is all there is to them or because this agent does not do what they ask for. Every
 * one is answered: a request without an answer stays open at the relay, and its client waits.
 *
 * <p>Refusals are in the requester's own terms where its type has any: tcp.failed. Everything else takes core.error, which
 * came with generation 5. Whether a requester knows that is said by the generation that every frame carries, its sender's; whether it has
 * read which generation this agent announces does not matter. To an older one nothing is said, as a message that it cannot decode
 * ends its connection. Source: relay protocol, generation 7, section 0, items 3 and 4.
 *
 * <p>One owner thread.
 */
final class RequestService implements FrameService {
    /** Reasons are quoted up to this length, so that every answer fits in {@link Outlet#REPLY_ROOM}. */
    private static final int MAX_QUOTED = 256;
    private static final String NOT_SUPPORTED = "not supported by this agent";

    private final AgentCounters counters;
    private final Answers answers;
    private final IntPredicate inUse;
    private long pings;

    /**
     * No requests yet.
     *
     * @param counters of the agent
     * @param answers takes what is to be sent
     * @param inUse tells whether an id is that of a session: an answer would end it for its client
     */
    RequestService(final AgentCounters counters, final Answers answers, final IntPredicate inUse) {
        this.counters = counters;
        this.answers = answers;
        this.inUse = inUse;
    }

    /** Has requests that nobody else takes handed to this service; the last to register. */
    void register(final FrameDispatcher dispatcher) {
        dispatcher.register(this, MessageType.PING, MessageType.TOUCH, MessageType.TCP_CONNECT);
        dispatcher.registerForOtherRequests(this);
    }

    @Override
    public void onFrame(final int id, final int flags, final int frameLength, final Envelope envelope) throws ProtocolException {
        if (id == 0) {
            counters.increment(AgentCounter.FRAMES_FOR_NOBODY);
            return;
        }
        if (inUse.test(id)) {
            counters.increment(AgentCounter.REQUESTS_ID_IN_USE);
            return;
        }
        switch (envelope.type()) {
            case PING -> {
                Frames.decode(envelope);
                pings++;
                answers.add(id, new EmptyMessage(MessageType.PONG));
            }
            case TOUCH -> {
                Frames.decode(envelope);
                answers.add(id, new Touched(activity()));
            }
            case TCP_CONNECT -> {
                counters.increment(AgentCounter.REQUESTS_NOT_SUPPORTED);
                answers.add(id, new TcpFailed("connections: " + NOT_SUPPORTED));
            }
            case null, default -> {
                counters.increment(AgentCounter.REQUESTS_NOT_SUPPORTED);
                refuse(id, envelope, CoreError.Kind.UNSUPPORTED_MESSAGE_TYPE, NOT_SUPPORTED);
            }
        }
    }

    @Override
    public void onUndecodable(final int id, final Envelope envelope, final ProtocolException reason) {
        refuse(id, envelope, CoreError.Kind.INVALID_PAYLOAD, reason.getMessage());
    }

    @Override
    public void onBadFlags(final int id, final int flags, final Envelope envelope) {
        if (id != 0 && !inUse.test(id)) {
            refuse(id, envelope, CoreError.Kind.INVALID_FLAGS, "flags " + flags + " instead of " + envelope.type().flags());
        }
    }

    private void refuse(final int id, final Envelope envelope, final CoreError.Kind kind, final String why) {
        if (envelope.version() >= MessageType.ERROR.introducedIn()) {
            final String type = envelope.typeName().toString();
            final String message = type + ": " + (why.length() <= MAX_QUOTED ? why : why.substring(0, MAX_QUOTED));
            answers.add(id, new CoreError(kind, message, type));
        }
    }

    /** Frames in either direction that are a sign of activity, this touch among them: a number that only grows. */
    private long activity() {
        return counters.get(AgentCounter.FRAMES_IN) - pings + counters.get(AgentCounter.FRAMES_OUT) - answers.idleSent();
    }
}
