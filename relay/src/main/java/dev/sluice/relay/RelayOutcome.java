package dev.sluice.relay;

/**
 * Why {@link Relay#run} returned. This table is the one place that knows the exit codes of a relay as a program; its {@code --help} and the
 * documentation are made from it.
 */
public enum RelayOutcome {
    /** {@link Relay#shutdown} was called. */
    STOPPED(0, "it was told to end"),
    /** A client ordered core.shutdown and the guest has ended, or its time was up. */
    GUEST_SHUT_DOWN(10, "a client had the guest shut down"),
    /** Nobody used the guest for {@link RelayLimit#IDLE_TIMEOUT}; it was told to end. */
    IDLE_TIMEOUT(11, "nobody used the guest for the idle timeout"),
    /** {@link RelayLimit#MAX_DURATION} is over; the guest was told to end. */
    MAX_DURATION(12, "its time, the max duration, was over"),
    /** The guest was lost and {@link RelayContext#exitOnGuestLoss()} is set. */
    GUEST_LOST(13, "the guest was lost, with --exit-on-guest-loss"),
    /** The first guest did not send core.ready before {@link RelayLimit#READY_DEADLINE}. */
    NEVER_READY(14, "the guest did not become ready before the ready deadline");

    private final int exitCode;
    private final String description;

    RelayOutcome(final int exitCode, final String description) {
        this.exitCode = exitCode;
        this.description = description;
    }

    /** {@return the exit code of a relay program that ends so; 0 for the end that was ordered from outside, else from 10 on} */
    public int exitCode() {
        return exitCode;
    }

    /** {@return why the relay ended, in words} */
    public String description() {
        return description;
    }
}
