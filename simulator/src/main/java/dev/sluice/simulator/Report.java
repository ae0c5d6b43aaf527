package dev.sluice.simulator;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a run came to.
 *
 * @param seed of the run
 * @param calls system calls of the relay
 * @param elapsedNs virtual time
 * @param traceLines how much happened: the same for each run of a seed
 * @param guestWrote bytes that the guest wrote
 * @param guestRead bytes that the guest read
 * @param seen how often what happened
 */
record Report(long seed, long calls, long elapsedNs, long traceLines, long guestWrote, long guestRead, Map<String, Long> seen) {
    /** @return both runs together: what came before and after the death of a relay */
    Report plus(final Report next) {
        final Map<String, Long> sum = new TreeMap<>(seen);
        next.seen.forEach((what, times) -> sum.merge(what, times, Long::sum));
        return new Report(seed, calls + next.calls, elapsedNs + next.elapsedNs, traceLines + next.traceLines,
            guestWrote + next.guestWrote, guestRead + next.guestRead, sum);
    }
}
