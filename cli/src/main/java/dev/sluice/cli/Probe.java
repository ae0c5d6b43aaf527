package dev.sluice.cli;

/**
 * What one look at this machine has found.
 *
 * @param name     what was looked for
 * @param required whether Sluice is of no use without it
 * @param works    whether it is there
 * @param detail   a version, a path, or why it does not work
 */
record Probe(String name, boolean required, boolean works, String detail) {
    /** Tries something out. */
    @FunctionalInterface
    interface Attempt {
        /** Returns what was found; throws what is in the way. */
        String run() throws Exception;
    }

    static Probe required(final String name, final Attempt attempt) {
        return run(name, true, attempt);
    }

    static Probe optional(final String name, final Attempt attempt) {
        return run(name, false, attempt);
    }

    private static Probe run(final String name, final boolean required, final Attempt attempt) {
        try {
            return new Probe(name, required, true, attempt.run());
        } catch (final Exception | LinkageError e) {
            return new Probe(name, required, false, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }
}
