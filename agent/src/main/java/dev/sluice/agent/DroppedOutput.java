package dev.sluice.agent;

import dev.sluice.port.PortWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where sessions send to whose host has gone: everything is taken, in turns as by a port, and forgotten. So their programs are never held
 * up, and the sessions go through to their ends as all do.
 *
 * <p>One owner thread.
 */
final class DroppedOutput {
    private final Arena arena;
    private PortOutput output;

    /** Takes what it is given. */
    private static final class Nobody implements PortWriter {
        private static final Nobody INSTANCE = new Nobody();

        @Override
        public int write(final MemorySegment memory, final long offset, final int length) {
            return length;
        }

        @Override
        public void flush() {
            // Nothing is kept.
        }

        @Override
        public int unread() {
            return 0;
        }
    }

    /**
     * Takes no memory before it is used.
     *
     * @param arena where its buffer is to lie
     */
    DroppedOutput(final Arena arena) {
        this.arena = arena;
    }

    /** @return what the sessions are to send to */
    PortOutput output() {
        if (output == null) {
            // What nobody gets is not counted as sent.
            output = new PortOutput(arena.allocate(PortOutput.BUFFER_LENGTH, Long.BYTES), new AgentCounters());
        }
        return output;
    }

    /** @return whether {@link #drop} has something to do */
    boolean hasWork() {
        return output != null && output.hasWork();
    }

    /** Takes what there is, up to a limit. */
    void drop() {
        if (hasWork()) {
            output.pump(Nobody.INSTANCE);
        }
    }

    /** Forgets who waits to send. */
    void reset() {
        if (output != null) {
            output.reset();
        }
    }
}
