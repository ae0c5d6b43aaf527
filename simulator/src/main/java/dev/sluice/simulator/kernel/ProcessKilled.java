package dev.sluice.simulator.kernel;

/** Thrown out of a system call when the process that made it has been killed: nothing after that call happens. */
public final class ProcessKilled extends Error {
    private static final long serialVersionUID = 1L;

    ProcessKilled() {
        super("killed", null, false, false);
    }
}
