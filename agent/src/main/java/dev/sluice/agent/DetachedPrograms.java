package dev.sluice.agent;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Programs whose host has gone, and when each is to end.
 *
 * <pre>
 *   add --grace over--&gt; pollTermination: SIGTERM --patience over--&gt; pollKill: SIGKILL, and not here any more
 *    |                                               |
 *    +------------------ remove: ended by itself ----+
 * </pre>
 *
 * <p>Pure state: the caller has the clock, and does what is due. All programs have the same time, so those that came first are due first.
 * One owner thread.
 *
 * @param <P> a program, told from others by identity or by its own equals
 */
final class DetachedPrograms<P> {
    private final long graceNs;
    private final long patienceNs;
    private final LinkedHashMap<P, Long> running = new LinkedHashMap<>();
    private final LinkedHashMap<P, Long> terminating = new LinkedHashMap<>();

    /**
     * Nobody yet.
     *
     * @param graceNs how long a program may run on, in nanoseconds
     * @param patienceNs how long it then has to end by itself, in nanoseconds
     */
    DetachedPrograms(final long graceNs, final long patienceNs) {
        this.graceNs = graceNs;
        this.patienceNs = patienceNs;
    }

    /** The host of a program has gone. */
    void add(final P program, final long nowNs) {
        running.put(program, nowNs);
    }

    /** A program has ended; without effect for one that is not here. */
    void remove(final P program) {
        if (running.remove(program) == null) {
            terminating.remove(program);
        }
    }

    /** @return whether a program is here */
    boolean contains(final P program) {
        return running.containsKey(program) || terminating.containsKey(program);
    }

    /** @return how many there are */
    int size() {
        return running.size() + terminating.size();
    }

    /** @return a program whose grace is over, which the caller tells to end; null when there is none now */
    P pollTermination(final long nowNs) {
        final P program = pollDue(running, graceNs, nowNs);
        if (program != null) {
            terminating.put(program, nowNs);
        }
        return program;
    }

    /** @return a program that has been told to end for long enough, which the caller kills; null when there is none now */
    P pollKill(final long nowNs) {
        return pollDue(terminating, patienceNs, nowNs);
    }

    /** @return nanoseconds until something is due, 0 when it is; {@link Long#MAX_VALUE} when nothing will be */
    long remainingNs(final long nowNs) {
        return Math.min(remainingNs(running, graceNs, nowNs), remainingNs(terminating, patienceNs, nowNs));
    }

    /** Forgets all. */
    void clear() {
        running.clear();
        terminating.clear();
    }

    private static <P> P pollDue(final LinkedHashMap<P, Long> programs, final long limitNs, final long nowNs) {
        return remainingNs(programs, limitNs, nowNs) == 0 ? programs.pollFirstEntry().getKey() : null;
    }

    private static <P> long remainingNs(final LinkedHashMap<P, Long> programs, final long limitNs, final long nowNs) {
        final Map.Entry<P, Long> first = programs.firstEntry();
        return first == null ? Long.MAX_VALUE : Math.max(0, limitNs - (nowNs - first.getValue()));
    }
}
