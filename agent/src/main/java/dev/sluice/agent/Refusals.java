package dev.sluice.agent;

import dev.sluice.protocol.ExecFailed;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Answers to requests that did not become sessions, waiting for the port to take them. Bounded by the loop, which reads no more frames
 * while there are {@link #isFull too many}.
 *
 * <p>One owner thread.
 */
final class Refusals extends Outlet {
    /** Beyond this the port is not read until it has taken some; one turn of reading may add a thousand more. */
    static final int LIMIT = 1024;

    private final ArrayDeque<Refusal> waiting = new ArrayDeque<>();
    private final PortOutput output;

    private record Refusal(int id, ExecFailed reason) {
    }

    Refusals(final PortOutput output) {
        this.output = output;
    }

    void add(final int id, final ExecFailed reason) {
        waiting.add(new Refusal(id, reason));
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
        final Refusal refusal = waiting.poll();
        return refusal == null ? 0 : Replies.encode(memory, offset, refusal.id(), refusal.reason());
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
