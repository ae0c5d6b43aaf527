package dev.sluice.agent;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.siginfo_t;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecFailed.Kind;
import java.lang.foreign.Arena;
import java.util.function.IntFunction;

/**
 * Sees a {@link SeparateStart} through: gives a child that is held what it is to have before it executes anything, and lets it go on; one
 * that cannot have it is killed.
 *
 * <p>Waits for as long as the start takes: an exec may hang on its file system. One thread.
 */
final class StartKeeper {
    /** Between the first looks for the held child, which is there within some 200 us. */
    private static final long FIRST_LOOK_NS = 50_000;
    /** Between two looks when it takes long. */
    private static final long LAST_LOOK_NS = 20_000_000;
    /** The time between two looks grows by this part of it. */
    private static final int LOOK_GROWTH = 4;

    private final Posix posix;
    private final SeparateStart separate;
    private final HoldPoint hold;
    private final HeldChild heldChild;
    private final IntFunction<ExecFailed> endowment;
    private long lookNs = FIRST_LOOK_NS;
    /** A search may make a child for each place where the program lies; one at a time. */
    private int endowed;
    private int released;
    private ExecFailed refusal;
    private int killed;
    private boolean interrupted;

    /**
     * A keeper of a start that has not begun.
     *
     * @param posix the calls
     * @param separate the start
     * @param name of its thread
     * @param hold where its child is held, or null
     * @param endowment gives the child of that pid what it is to have, or says why it cannot
     */
    StartKeeper(
        final Posix posix, final SeparateStart separate, final String name, final HoldPoint hold,
        final IntFunction<ExecFailed> endowment) {
        this.posix = posix;
        this.separate = separate;
        this.hold = hold;
        this.heldChild = new HeldChild(name);
        this.endowment = endowment;
    }

    /**
     * Begins the start and waits for its end.
     *
     * @return null, or why the child was killed: then nothing is left of it
     */
    ExecFailed keep() {
        separate.begin();
        while (!awaitStart()) {
            final int pid = hold == null || killed != 0 ? 0 : heldChild.find(separate.children());
            if (pid > 0 && pid != released) {
                decide(pid);
            }
        }
        if (killed != 0) {
            reap(killed);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return refusal;
    }

    private boolean awaitStart() {
        try {
            if (hold == null || killed != 0) {
                return separate.await(Reaping.PATIENCE_NS);
            }
            final long limitNs = lookNs;
            lookNs = Math.min(LAST_LOOK_NS, lookNs + lookNs / LOOK_GROWTH);
            return separate.await(limitNs);
        } catch (final InterruptedException e) {
            // The agent ends; a child that nobody lets go on would never.
            interrupted = true;
            return false;
        }
    }

    private void decide(final int pid) {
        if (interrupted) {
            refusal = ExecFailures.of(Kind.OTHER, ExecFailures.STAGE_AGENT, "the agent is shutting down");
        } else if (endowed != pid) {
            endowed = pid;
            refusal = endowment.apply(pid);
        }
        if (refusal == null) {
            refusal = release(pid);
        }
        if (refusal != null) {
            // Held, so it has not ended, and nobody has reaped it.
            killed = pid;
            posix.syscalls().kill(pid, Linux.SIGKILL);
        }
    }

    private ExecFailed release(final int pid) {
        try {
            // Nobody there: it has not come to the place yet, so look again.
            if (hold.release()) {
                released = pid;
                lookNs = FIRST_LOOK_NS;
            }
            return null;
        } catch (final PosixException e) {
            return ExecFailures.ofErrno(e.errno(), ExecFailures.STAGE_SPAWN, "letting the program go on");
        }
    }

    private void reap(final int pid) {
        try (Arena arena = Arena.ofConfined()) {
            posix.waitid(Linux.P_PID, pid, arena.allocate(siginfo_t.layout()), Linux.WEXITED);
        } catch (final PosixException e) {
            // ECHILD: it failed by itself first, and posix_spawn has reaped it.
            return;
        }
    }
}
