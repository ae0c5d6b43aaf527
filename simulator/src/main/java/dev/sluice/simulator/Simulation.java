package dev.sluice.simulator;

import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import dev.sluice.relay.ExecLogPolicy;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayCounter;
import dev.sluice.relay.RelayLimit;
import dev.sluice.relay.RelayListener;
import dev.sluice.relay.RelayOutcome;
import dev.sluice.relay.SlowClientPolicy;
import dev.sluice.simulator.kernel.ProcessKilled;
import dev.sluice.simulator.kernel.SimClock;
import dev.sluice.simulator.kernel.SimDisk;
import dev.sluice.simulator.kernel.SimKernel;
import dev.sluice.simulator.kernel.SimRandom;
import dev.sluice.simulator.kernel.SimulationFailure;
import dev.sluice.simulator.kernel.Trace;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One run of one relay in one world. */
final class Simulation {
    /** Any moment will do, as long as it is the same each time. */
    private static final long WALL_CLOCK_ORIGIN_NS = 1_800_000_000_000_000_000L;
    private static final int TRACE_LINES = 400;
    /** A long time for a guest to come; in the simulation it always comes sooner. */
    private static final Duration READY_DEADLINE = Duration.ofSeconds(60);
    private static final String CLIENTS_SOCKET = "c";
    /** On the simulated disk. */
    private static final String LOG_PATH = "/log";
    /** The smallest there can be. */
    private static final int LOG_BUFFER = 512 * 1024;
    private static final String GUEST_SOCKET = "g";
    /** How long the guest has, behind the drain deadline, to take what came up for it then. */
    private static final long LAST_ORDERS_NS = 500_000_000;
    /** How much later than ordered the relay may end: a wait is cut to whole milliseconds, and every call takes time. */
    private static final long END_SLACK_NS = LAST_ORDERS_NS + 50_000_000;

    private final Scenario scenario;
    private final Path directory;
    private final SimClock clock;
    private final Trace trace;
    private final World world;
    private final SimKernel kernel;
    private Counts counts;
    private Relay relay;
    private int guestsLost;
    private int guestsReady;
    private boolean died;
    private byte[] log;

    /** Makes a kernel for a run: the canaries have defective ones. */
    interface KernelMaker {
        SimKernel make(SimClock clock, SimRandom random, Trace trace, World world);
    }

    Simulation(
        final Scenario scenario, final Kill kill, final SimDisk disk, final Path directory, final KernelMaker maker,
        final PrintStream live) {
        this.scenario = scenario;
        this.directory = directory;
        final SimRandom random = new SimRandom(scenario.seed());
        clock = new SimClock(scenario.clockOrigin());
        trace = new Trace(clock, TRACE_LINES, live);
        world = new World(scenario, kill, disk, clock, random.split(), trace);
        kernel = maker.make(clock, random.split(), trace, world);
        final GuestDoor door = new GuestDoor(kernel, scenario, guestPath(), random.split());
        world.populate(kernel, door, directory.resolve(CLIENTS_SOCKET).toString(), () -> relay.shutdown(),
            () -> relay.counters().get(RelayCounter.EXEC_LOG_BYTES_BEHIND) > 0);
    }

    private String guestPath() {
        return directory.resolve(GUEST_SOCKET).toString();
    }

    Trace trace() {
        return trace;
    }

    /** @return whether the relay was killed */
    boolean hasDied() {
        return died;
    }

    /** @return what the exec log has, whole lines */
    byte[] log() {
        return log;
    }

    /**
     * Runs it.
     *
     * @param logBefore what the exec log has of a relay that died
     * @throws SimulationFailure if a promise is broken
     */
    Report run(final byte[] logBefore) throws IOException {
        log = logBefore;
        try {
            try {
                final RelayOutcome outcome = runRelay();
                final RelayOutcome expected = world.isShutdown() ? RelayOutcome.GUEST_SHUT_DOWN : RelayOutcome.STOPPED;
                SimulationFailure.unless(outcome == expected, () -> "the relay ended otherwise: want " + expected + ", got " + outcome);
            } catch (final ProcessKilled e) {
                world.relayDied();
                died = true;
            }
            world.afterwards();
            if (counts != null) {
                counts.check();
            }
            final List<String> leaks = kernel.leaks();
            SimulationFailure.unless(died || leaks.isEmpty(), () -> "the relay has not given back " + leaks);
            if (scenario.log().on()) {
                log = world.logBook().check(
                    world.disk(), LOG_PATH, logBefore, directory, !died && world.logCanBeComplete());
            }
            return new Report(
                scenario.seed(), kernel.calls(), clock.elapsedNs(), trace.count(), world.guest().bytesWritten(),
                world.guest().bytesRead(), world.ledger().seen());
        } catch (final IOException | RuntimeException | AssertionError e) {
            if (kernel.failure() != null) {
                throw kernel.failure();
            }
            throw e;
        } finally {
            kernel.reclaim();
        }
    }

    private RelayOutcome runRelay() throws IOException {
        try (Relay opened = Relay.open(context())) {
            relay = opened;
            world.begin();
            kernel.loopRuns(true);
            final RelayOutcome outcome = opened.run();
            kernel.loopRuns(false);
            final long neededNs = clock.elapsedNs() - world.endOrderedNs();
            final int flushMillis = world.isShutdown() ? scenario.limits().flushMillis() : 0;
            final long allowedNs = Duration.ofMillis(scenario.limits().drainMillis() + flushMillis).toNanos() + END_SLACK_NS;
            SimulationFailure.unless(neededNs <= allowedNs, () -> "the relay took too long to end: ns=" + neededNs);
            counts = new Counts(scenario, world, opened.counters());
            return outcome;
        }
    }

    private RelayContext context() {
        final Scenario.RelayLimits limits = scenario.limits();
        final RelayContext context = new RelayContext()
            .posix(new Posix(kernel))
            .clock(clock)
            .wallClock(() -> WALL_CLOCK_ORIGIN_NS + clock.elapsedNs())
            .listener(new Listener())
            .guest(PortAddress.parse(scenario.transport().word() + ":" + guestPath()))
            .listen(directory.resolve(CLIENTS_SOCKET))
            .limit(RelayLimit.MAX_CLIENTS, limits.maxClients())
            .limit(RelayLimit.ASSEMBLY_BUFFERS, limits.assemblyBuffers())
            .slowClientPolicy(limits.stallSlowClients() ? SlowClientPolicy.STALL : SlowClientPolicy.EVICT)
            .limit(RelayLimit.READY_DEADLINE, READY_DEADLINE)
            .limit(RelayLimit.HEAD_OF_LINE_LIMIT, Duration.ofMillis(limits.headOfLineMillis()))
            .limit(RelayLimit.STALL_DEADLINE, Duration.ofMillis(limits.stallMillis()))
            .limit(RelayLimit.QUARANTINE_DEADLINE, Duration.ofMillis(limits.quarantineMillis()))
            .limit(RelayLimit.DRAIN_DEADLINE, Duration.ofMillis(limits.drainMillis()))
            .limit(RelayLimit.SHUTDOWN_FLUSH, Duration.ofMillis(limits.flushMillis()));
        if (scenario.log().on()) {
            context.execLog(Path.of(LOG_PATH))
                .execLogPolicy(scenario.log().failsClosed() ? ExecLogPolicy.FAIL_CLOSED : ExecLogPolicy.GAP)
                .execLogDriver(world.logWriter()::passes)
                .limit(RelayLimit.EXEC_LOG_FILE_BYTES, scenario.log().fileBytes())
                .limit(RelayLimit.EXEC_LOG_BUFFER, LOG_BUFFER);
        }
        return context;
    }

    /** What the relay says of its guests must be true. */
    private final class Listener implements RelayListener {
        @Override
        public void onReady() {
            guestsReady++;
            trace.add("relay", "a guest is ready", guestsReady);
            SimulationFailure.unless(guestsReady <= world.guest().readyCount() || world.guest().hasLied(),
                "the relay believes in a guest that never came");
        }

        @Override
        public void onGuestLost(final String reason) {
            guestsLost++;
            trace.add("relay", "guest lost", reason);
            SimulationFailure.unless(world.guest().mayBeLost(guestsLost), () -> "the relay lost a guest that is there: " + reason);
        }
    }
}
