package dev.sluice.simulator;

import java.util.Map;

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
}
