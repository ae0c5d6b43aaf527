package dev.sluice.agent;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Programs that run and that the loop has not heard of yet. Those whose thread has ended look like orphans, and are not to be reaped as
 * such.
 *
 * <p>Any thread.
 */
final class Unclaimed {
    private final Set<Integer> pids = ConcurrentHashMap.newKeySet();

    void add(final int pid) {
        pids.add(pid);
    }

    /** The loop knows of it. */
    void remove(final int pid) {
        pids.remove(pid);
    }

    void addTo(final Set<Integer> others) {
        others.addAll(pids);
    }
}
