package dev.sluice.relay;

/**
 * How long one client has held up the others, as the head of a line that only its own reading can move. Half of all time is forgiven: a
 * client that is behind now and then never comes to its budget, one that always is soon does, however little it waits each time.
 *
 * <p>Pure state. One owner thread. Times in nanoseconds of the loop's clock.
 */
final class HoldUps {
    private long debtNs;
    private long countedNs;

    /** Takes note that the client held up others from one time to another, which has not been counted yet. */
    void add(final long fromNs, final long untilNs) {
        debtNs = total(fromNs, untilNs);
        countedNs = untilNs;
    }

    /** {@return what {@link #add} would make of it} */
    long total(final long fromNs, final long untilNs) {
        final long forgiven = Math.max(0, fromNs - countedNs) / 2;
        return Math.max(0, debtNs - forgiven) + (untilNs - fromNs) / 2;
    }
}
