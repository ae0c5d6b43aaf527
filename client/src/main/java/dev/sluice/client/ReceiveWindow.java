package dev.sluice.client;

/**
 * The window of one stream towards us: how much the agent may send of it before we grant more. Counts bytes on the wire. Not thread safe:
 * its stream's lock guards it.
 *
 * <p>At any time, what the agent may still send, what is on its way and what waits to be read add up to the window's size at most.
 */
final class ReceiveWindow {
    private final ReceiveBudget budget;
    private int size;
    private int owed;

    /** A window whose first bytes were taken from the budget and put into the request; 0 for an agent that knows no windows. */
    ReceiveWindow(final ReceiveBudget budget, final int size) {
        this.budget = budget;
        this.size = size;
    }

    /**
     * Notes that bytes were consumed. Grants are put off until half of the window is owed, so that there are few of them.
     *
     * @return how many bytes to grant now; mostly 0
     */
    int consume(final int wireBytes) {
        // An agent that sends more than it may is not rewarded with a larger window.
        owed = (int) Math.min((long) owed + wireBytes, size);
        if (size == 0 || owed < size / 2) {
            return 0;
        }
        int granted = owed;
        final int excess = Math.min(owed, budget.excess(size));
        if (excess > 0) {
            budget.giveBack(excess);
            size -= excess;
            granted -= excess;
        } else {
            final int grown = budget.grow(size);
            size += grown;
            granted += grown;
        }
        owed = 0;
        return granted;
    }

    /** Where the stream's ring comes from. */
    RingMemory memory() {
        return budget.memory();
    }

    /** The stream has ended: nothing is granted any more, the budget has its bytes back. */
    void end() {
        budget.giveBack(size);
        size = 0;
        owed = 0;
    }
}
