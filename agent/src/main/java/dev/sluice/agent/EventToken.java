package dev.sluice.agent;

/**
 * What the loop's epoll events are about: a kind in the low bits, above it the serial number of a session's process or connection. Serial
 * numbers are not reused, so an event that was reported together with the end of its process finds nobody.
 */
final class EventToken {
    /** The eventfd that other threads wake the loop with. */
    static final int WAKE_UP = 0;
    /** The source of ports. */
    static final int SOURCE = 1;
    /** The port. */
    static final int PORT = 2;
    /** A process's pidfd. */
    static final int EXIT = 3;
    /** A process's standard input. */
    static final int STDIN = 4;
    /** A process's standard output. */
    static final int STDOUT = 5;
    /** A process's standard error. */
    static final int STDERR = 6;

    /** A connection's socket. */
    static final int TCP = 7;

    private static final int KIND_BITS = 4;

    private EventToken() {
    }

    static long of(final int kind, final long serial) {
        return serial << KIND_BITS | kind;
    }

    static int kind(final long token) {
        return (int) token & (1 << KIND_BITS) - 1;
    }

    static long serial(final long token) {
        return token >>> KIND_BITS;
    }
}
