package dev.sluice.relay;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * The buffers in which frames longer than a client's own memory are put together, few for all clients: clients that need one while none is
 * free wait in the order they came.
 *
 * <p>Pure state. One owner thread. No allocation in steady state.
 */
final class AssemblyPool {
    private final ArrayDeque<MemorySegment> free;
    private final ArrayDeque<ClientConnection> waiting = new ArrayDeque<>(RangeTable.RANGES);

    AssemblyPool(final MemorySegment[] buffers) {
        free = new ArrayDeque<>(buffers.length);
        for (final MemorySegment buffer : buffers) {
            free.add(buffer);
        }
    }

    /** {@return a buffer, or null after having put the client in the queue} */
    MemorySegment takeOrWait(final ClientConnection client) {
        if (!free.isEmpty() && (waiting.isEmpty() || waiting.peek() == client)) {
            waiting.remove(client);
            return free.poll();
        }
        if (!waiting.contains(client)) {
            waiting.add(client);
        }
        return null;
    }

    void giveBack(final MemorySegment buffer) {
        free.add(buffer);
    }

    /** The client needs no buffer any more. */
    void forget(final ClientConnection client) {
        waiting.remove(client);
    }

    /** {@return whether some client waits because every buffer is taken} */
    boolean isShort() {
        return free.isEmpty() && !waiting.isEmpty();
    }

    /** {@return the client that can have a buffer now, or null} */
    ClientConnection nextServed() {
        return free.isEmpty() ? null : waiting.peek();
    }
}
