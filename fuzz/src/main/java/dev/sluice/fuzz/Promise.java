package dev.sluice.fuzz;

/**
 * What a target checks. Checks that are always on, unlike {@code assert}, and cost nothing while they hold.
 */
public final class Promise {
    private Promise() {
    }

    /**
     * Checks a promise.
     *
     * @param kept    whether it was kept
     * @param promise what was promised
     * @throws AssertionError when it was not
     */
    public static void check(final boolean kept, final String promise) {
        if (!kept) {
            throw new AssertionError(promise);
        }
    }

    /**
     * Checks that two numbers are the same.
     *
     * @param expected what was promised
     * @param actual   what came
     * @param what     what they are
     * @throws AssertionError when they differ
     */
    public static void same(final long expected, final long actual, final String what) {
        if (expected != actual) {
            throw new AssertionError(what + ": expected=" + expected + " actual=" + actual);
        }
    }
}
