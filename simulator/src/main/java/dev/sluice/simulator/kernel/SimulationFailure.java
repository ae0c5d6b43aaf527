package dev.sluice.simulator.kernel;

import java.util.function.Supplier;

/**
 * Something the simulation must never see has happened. An error, not an exception, so that the code under simulation does not take it for
 * one of its own.
 */
public final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    /**
     * A broken promise.
     *
     * @param message which one, with the values that show it
     */
    public SimulationFailure(final String message) {
        super(message);
    }

    /**
     * Fails unless a condition holds.
     *
     * @param condition what must be true
     * @param message which promise it is
     */
    public static void unless(final boolean condition, final String message) {
        if (!condition) {
            throw new SimulationFailure(message);
        }
    }

    /**
     * Fails unless a condition holds, on paths where putting the message together would cost more than the check.
     *
     * @param condition what must be true
     * @param message says which promise it is; asked only when it is broken
     */
    public static void unless(final boolean condition, final Supplier<String> message) {
        if (!condition) {
            throw new SimulationFailure(message.get());
        }
    }
}
