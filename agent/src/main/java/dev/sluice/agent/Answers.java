package dev.sluice.agent;

import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Answers to requests that did not become sessions, waiting for the port to take them. Bounded by the loop, which reads no more frames
 * while there are {@link #isFull too many}.
 *
 * <p>One owner thread.
 */
final class Answers extends Outlet {
    /** Beyond this the port is not read until it has taken some; one turn of reading may add a thousand more. */
    static final int LIMIT = 1024;

    private final ArrayDeque<Answer> waiting = new ArrayDeque<>();
    private final PortOutput output;
    private final AgentCounters counters;

    private record Answer(int id, Message message) {
    }

    Answers(final PortOutput output, final AgentCounters counters) {
        this.output = output;
        this.counters = counters;
    }

    /** Sends a message, as soon as there is room, that ends what its id began. It must fit in {@link Outlet#REPLY_ROOM}. */
    void add(final int id, final Message message) {
        waiting.add(new Answer(id, message));
        output.wantReply(this);
    }

    boolean isFull() {
        return waiting.size() >= LIMIT;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Forgets all: there is nobody to tell any more. */
    void clear() {
        waiting.clear();
    }

    @Override
    int writeReply(final MemorySegment memory, final long offset) {
        final Answer answer = waiting.poll();
        if (answer == null) {
            return 0;
        }
        final MessageType type = answer.message().type();
        if (type == MessageType.PONG || type == MessageType.TOUCHED || type == MessageType.ERROR) {
            counters.increment(AgentCounter.IDLE_FRAMES_OUT);
        }
        return Replies.encode(memory, offset, answer.id(), answer.message());
    }

    @Override
    int writeData(final MemorySegment memory, final long offset) {
        return 0;
    }

    @Override
    boolean hasData() {
        return false;
    }
}
