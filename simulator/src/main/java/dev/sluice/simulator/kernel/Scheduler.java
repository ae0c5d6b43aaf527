package dev.sluice.simulator.kernel;

/**
 * Everybody else in the simulated world, as the kernel sees them: they run when the kernel lets them, inside system calls of the program
 * under simulation.
 */
public interface Scheduler {
    /** Result of {@link #nextEventInNs}: nobody will ever do anything of their own accord. */
    long NEVER = Long.MAX_VALUE;

    /** Called as each system call begins: others may run now, as they may at any moment on a real machine. */
    void preempt();

    /**
     * Called while the program sleeps, to find out how long nothing will happen.
     *
     * @return nanoseconds until somebody will act, 0 for now, or {@link #NEVER}
     */
    long nextEventInNs();

    /** Called while the program sleeps: everybody whose time has come acts. */
    void runDue();
}
