package dev.sluice.agent;

import java.util.ArrayDeque;

/**
 * New sizes of a terminal, each to be set when the input that came before it has been written, so that a program sees both in the order in
 * which they were sent.
 *
 * <p>Of sizes with no input between them only the last counts, and of more than {@link #LIMIT} with input between them the last ones are
 * taken together: a storm costs no more than that. Pure state. One owner thread.
 */
final class ResizeQueue {
    /** Sizes that wait, at most: who types between them does not come near. */
    static final int LIMIT = 64;

    private final ArrayDeque<Resize> waiting = new ArrayDeque<>(1);
    private long received;
    private long written;

    /**
     * A size that waits.
     *
     * @param position bytes of input before it
     * @param rows of characters
     * @param columns of characters
     */
    record Resize(long position, int rows, int columns) {
    }

    /** Input has come that is going to be written. */
    void received(final long dataLength) {
        received += dataLength;
    }

    /** Input has been written, or thrown away. */
    void written(final long dataLength) {
        written += dataLength;
    }

    /** A new size has come. */
    void add(final int rows, final int columns) {
        final Resize last = waiting.peekLast();
        if (last != null && (last.position() == received || waiting.size() == LIMIT)) {
            waiting.removeLast();
        }
        waiting.addLast(new Resize(received, rows, columns));
    }

    /** @return the next size to set now, which is the caller's to do, or null */
    Resize poll() {
        final Resize first = waiting.peek();
        return first == null || first.position() > written ? null : waiting.poll();
    }
}
