package dev.sluice.ffi;

import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What {@link Posix} makes of the result of a call: another attempt, an exception, or the result. */
final class Outcome {
    /** Results between this, negated, and 0 are errors: the range that the kernel keeps for them (MAX_ERRNO in linux/err.h). */
    private static final int MAX_ERRNO = 4095;

    private Outcome() {
    }

    static int repeated(final IntSupplier call) {
        int result;
        do {
            result = call.getAsInt();
        } while (result == -Errno.EINTR);
        return result;
    }

    static long repeatedLong(final LongSupplier call) {
        long result;
        do {
            result = call.getAsLong();
        } while (result == -Errno.EINTR);
        return result;
    }

    static int succeeded(final int result, final String call, final Object... arguments) throws PosixException {
        return (int) succeeded((long) result, call, arguments);
    }

    static long succeeded(final long result, final String call, final Object... arguments) throws PosixException {
        if (result < 0 && result >= -MAX_ERRNO) {
            throw new PosixException(call, (int) -result, arguments);
        }
        return result;
    }
}
