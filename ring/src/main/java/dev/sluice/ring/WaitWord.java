package dev.sluice.ring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * How one side of a ring says that it sleeps, and the other finds out whether to wake it: one word in the shared memory that holds the
 * position the other side's index has to reach, or 0.
 *
 * <pre>
 *   the side that sleeps                    the side that moves its index
 *   announce(position)                      publish the index
 *   full fence (in announce)                full fence (in takeIfReached)
 *   look at the index again                 look at the word
 *   there now: withdraw, do not sleep       reached: clear it, send one wake-up
 * </pre>
 *
 * Of the two looks at least one sees what the other side stored, so no wake-up is lost; and one announcement allows one wake-up, so none is
 * sent twice. The word is shared: a hostile peer can make us send a wake-up that is not needed or never ask for one, nothing else.
 *
 * <p>Public so that an end built on Agrona's own ring classes can keep the same rules.
 *
 * <p><b>Threads.</b> {@link #announce} and {@link #withdraw} belong to the side that sleeps, {@link #takeIfReached} to the other one, one
 * thread each. All are wait free.
 */
public final class WaitWord {
    private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
    private static final long AWAKE = 0;

    private final MemorySegment memory;
    private final long offset;
    private boolean announced;

    /**
     * Binds the word.
     *
     * @param memory what it lies in; 8-byte aligned off-heap memory
     * @param offset of the word in the memory in bytes, a multiple of 8
     */
    public WaitWord(final MemorySegment memory, final long offset) {
        this.memory = memory;
        this.offset = offset;
    }

    /**
     * Says that this side is about to sleep until the other side's index has reached a position. The caller looks at the index again
     * afterwards, and sleeps only when it is still short of the position.
     *
     * @param position to be reached, above 0
     */
    public void announce(final long position) {
        WORD.setOpaque(memory, offset, position);
        announced = true;
        VarHandle.fullFence();
    }

    /** Says that this side is awake. A wake-up that is on its way arrives all the same. */
    public void withdraw() {
        if (announced) {
            WORD.setOpaque(memory, offset, AWAKE);
            announced = false;
        }
    }

    /**
     * Decides whether the other side is to be woken, after this side has published its index. Returns true at most once for one
     * announcement.
     *
     * @param position this side's index as published
     * @return whether to send a wake-up now
     */
    public boolean takeIfReached(final long position) {
        VarHandle.fullFence();
        final long wanted = (long) WORD.getOpaque(memory, offset);
        return wanted != AWAKE && position >= wanted && WORD.compareAndSet(memory, offset, wanted, AWAKE);
    }
}
