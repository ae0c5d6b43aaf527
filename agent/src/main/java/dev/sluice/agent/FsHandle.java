package dev.sluice.agent;

import dev.sluice.agent.files.Opened;
import java.util.ArrayDeque;

/**
 * A handle: something open, whose it is, and who uses it. It is closed when its client has closed it and the last use has ended.
 *
 * <p>One owner thread; what is open may be in use by jobs of other threads.
 */
final class FsHandle {
    private final long number;
    private final int openerId;
    private final Opened opened;
    private final ArrayDeque<Runnable> line = new ArrayDeque<>();
    private int uses;
    private boolean taken;
    private Runnable whenUnused;

    FsHandle(final long number, final int openerId, final Opened opened) {
        this.number = number;
        this.openerId = openerId;
        this.opened = opened;
    }

    long number() {
        return number;
    }

    int openerId() {
        return openerId;
    }

    Opened opened() {
        return opened;
    }

    boolean isInUse() {
        return uses > 0;
    }

    /** Begins a use. */
    void use() {
        uses++;
    }

    /** Ends a use. */
    void unuse() {
        uses--;
        if (uses == 0 && whenUnused != null) {
            final Runnable action = whenUnused;
            whenUnused = null;
            action.run();
        }
    }

    /** Does something once there is no use any more, at once if there is none now. */
    void whenUnused(final Runnable action) {
        if (uses == 0) {
            action.run();
        } else {
            whenUnused = action;
        }
    }

    /** Does something that nobody else may do at the same time, when its turn comes. */
    void inTurn(final Runnable action) {
        if (taken) {
            line.add(action);
        } else {
            taken = true;
            action.run();
        }
    }

    /** What was begun {@link #inTurn} has been done. */
    void nextTurn() {
        final Runnable next = line.poll();
        if (next == null) {
            taken = false;
        } else {
            next.run();
        }
    }
}
