package dev.sluice.cli;

import dev.sluice.agent.Agent;
import dev.sluice.agent.init.PowerOff;
import dev.sluice.ffi.Posix;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;

/**
 * Runs an agent that is the first process of a guest, whose end is the guest's: a kernel whose first process exits panics. So whatever way
 * the agent ends, the guest is powered off, and what went wrong is said before, on the guest's console.
 */
final class GuestEnd {
    private static final Logger LOG = System.getLogger(Agent.class.getName());
    private static final int PID_OF_INIT = 1;

    private GuestEnd() {
    }

    /**
     * Runs it. Returns, or throws, only where this is not the first process, or powering off is refused.
     *
     * @param agent what to run
     * @return its exit code
     * @throws Exception what it throws
     */
    static Integer after(final Callable<Integer> agent) throws Exception {
        if (ProcessHandle.current().pid() != PID_OF_INIT) {
            return agent.call();
        }
        Integer code = ExitCode.SLUICE_FAILED;
        try {
            code = agent.call();
        } catch (final Exception e) {
            LOG.log(Level.ERROR, "the guest ends: " + Diagnostics.describe(e));
        } finally {
            Diagnostics.flush();
            new PowerOff(Posix.system(), message -> LOG.log(Level.WARNING, message)).run();
        }
        return code;
    }
}
