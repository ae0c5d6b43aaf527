package dev.sluice.ffi.fault;

import dev.sluice.ffi.Errno;

/**
 * What goes wrong with one call.
 *
 * @param errno the error number it fails with; 0 for none
 * @param maxBytes how many bytes it may move at most, where it moves any
 */
public record Fault(int errno, long maxBytes) {
    /** Nothing goes wrong. */
    public static final Fault NONE = new Fault(0, Long.MAX_VALUE);
    /** A signal interrupts the call before anything has happened. */
    public static final Fault INTERRUPTED = error(Errno.EINTR);

    /** Checks the values. */
    public Fault {
        if (errno < 0 || maxBytes < 1) {
            throw new IllegalArgumentException("errno=" + errno + " maxBytes=" + maxBytes);
        }
    }

    /**
     * The call fails.
     *
     * @param errno the positive error number
     * @return the fault
     */
    public static Fault error(final int errno) {
        return new Fault(errno, Long.MAX_VALUE);
    }

    /**
     * The call moves less than it was asked to; calls that move no bytes are left alone.
     *
     * @param maxBytes how many bytes at most, at least 1
     * @return the fault
     */
    public static Fault shortCount(final long maxBytes) {
        return new Fault(0, maxBytes);
    }

    boolean fails() {
        return errno != 0;
    }

    boolean shortens() {
        return maxBytes != Long.MAX_VALUE;
    }

    long clip(final long length) {
        return Math.min(length, maxBytes);
    }
}
