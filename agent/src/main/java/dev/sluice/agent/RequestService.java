package dev.sluice.agent;

import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.Envelope;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.Touched;
import java.util.function.IntPredicate;

/**
 * Requests that become no session, because one answer is all there is to them: core.ping and core.touch.
 *
 * <p>One owner thread.
 */
final class RequestService implements FrameService {
    private final AgentCounters counters;
    private final Answers answers;
    private final IntPredicate inUse;

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

    /** Has such requests handed to this service. */
    void register(final FrameDispatcher dispatcher) {
        dispatcher.register(this, MessageType.PING, MessageType.TOUCH);
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
        Frames.decode(envelope);
        if (envelope.type() == MessageType.PING) {
            answers.add(id, new EmptyMessage(MessageType.PONG));
        } else {
            counters.increment(AgentCounter.TOUCHES);
            answers.add(id, new Touched(counters.activity()));
        }
    }
}
