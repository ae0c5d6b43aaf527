package dev.sluice.simulator;

import dev.sluice.simulator.kernel.DiskFaults;
import dev.sluice.simulator.kernel.FaultProfile;
import dev.sluice.simulator.kernel.Scheduler;
import dev.sluice.simulator.kernel.SimClock;
import dev.sluice.simulator.kernel.SimDisk;
import dev.sluice.simulator.kernel.SimKernel;
import dev.sluice.simulator.kernel.SimRandom;
import dev.sluice.simulator.kernel.SimulationFailure;
import dev.sluice.simulator.kernel.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The clients and the guest around the relay, and the phases they go through:
 *
 * <pre>
 *   SAFETY ──so many steps──► LIVENESS ──everything settled──► ENDING
 *      └────────────────────────(abrupt end)───────────────────►┘
 * </pre>
 */
final class World implements Scheduler {
    /** How long everything may take to settle once nothing goes wrong any more. */
    static final long SETTLE_LIMIT_NS = 5_000_000_000L;

    /** Looking whether everything has settled takes longer than a system call. */
    private static final int LOOKS_ONE_IN = 32;
    private static final long IDLE_DELAY_LEAST_NS = 20_000;
    private static final long IDLE_DELAY_MOST_NS = 5_000_000;
    private static final int IDLE_DOUBLINGS_MOST = 8;
    private static final int BUSY_DELAY_MOST_NS = 300_000;
    private static final int BUSY_DELAY_MOST_SETTLING_NS = 20_000;
    private static final int BUSY_DELAY_LEAST_NS = 500;
    /** A pass of the relay may be under way when the disk refuses, and the next routes before it looks. */
    private static final int TURNS_TO_NOTICE = 2;
    private static final int SCRATCH_LENGTH = 64 * 1024;

    /** Where a run is. */
    enum Phase { SAFETY, LIVENESS, ENDING }

    private final Scenario scenario;
    private final Kill kill;
    private final SimClock clock;
    private final SimRandom random;
    private final Trace trace;
    private final SimDisk disk;
    private final Ledger ledger = new Ledger();
    private final LogBook logBook = new LogBook(this);
    private final LogWriter logWriter = new LogWriter(this);
    private final byte[] scratch = new byte[SCRATCH_LENGTH];
    private final List<SimClient> clients = new ArrayList<>();
    private final List<Actor> actors = new ArrayList<>();
    private SimKernel kernel;
    private SimGuest guest;
    private Runnable onEnd;
    private BooleanSupplier logFellBehind;
    private Phase phase = Phase.SAFETY;
    private boolean begun;
    private int stepsLeft;
    private int connectionsLeft;
    private int serials;
    private long phaseStartNs;
    private long refusalsBeforeEnd;

    World(final Scenario scenario, final Kill kill, final SimDisk disk, final SimClock clock, final SimRandom random, final Trace trace) {
        this.scenario = scenario;
        this.kill = kill;
        this.disk = disk;
        disk.faults(DiskFaults.NONE);
        this.clock = clock;
        this.random = random;
        this.trace = trace;
        this.stepsLeft = scenario.safetySteps();
        this.connectionsLeft = scenario.connections();
    }

    /**
     * Fills the world.
     *
     * @param newOnEnd orders the end of the relay
     * @param newLogFellBehind whether the relay has ever had no room for what was to be recorded
     */
    void populate(final SimKernel newKernel, final GuestDoor door, final String clientPath, final Runnable newOnEnd,
        final BooleanSupplier newLogFellBehind) {
        logFellBehind = newLogFellBehind;
        kernel = newKernel;
        onEnd = newOnEnd;
        guest = new SimGuest(this, door, random.split());
        actors.add(guest);
        if (scenario.log().on()) {
            actors.add(logWriter);
        }
        for (int slot = 0; slot < scenario.slots(); slot++) {
            final SimClient client = new SimClient(this, slot, clientPath, random.split());
            clients.add(client);
            actors.add(client);
        }
    }

    /** The relay is up; from now on things go wrong. */
    void begin() {
        begun = true;
        kernel.faults(scenario.faults());
        disk.faults(scenario.log().disk());
        if (kill.victim() == Kill.Victim.RELAY) {
            kernel.killAt(kernel.calls() + kill.at());
        }
    }

    /** The relay has died; nothing that is on its way need arrive. */
    void relayDied() {
        ledger.saw("relay deaths");
        phase = Phase.ENDING;
        ledger.stopping();
    }

    /** @return whether the disk has taken everything since the end was ordered, so that nothing need be missing in the log */
    boolean logCanBeComplete() {
        return phase == Phase.ENDING && disk.refusals() == refusalsBeforeEnd;
    }

    boolean hasBegun() {
        return begun;
    }

    SimDisk disk() {
        return disk;
    }

    LogBook logBook() {
        return logBook;
    }

    LogWriter logWriter() {
        return logWriter;
    }

    /** @return whether the relay may end programs because their output cannot be recorded, and leave that output out */
    boolean mayLeaveUnrecorded() {
        return scenario.log().failsClosed() && (logWriter.everRefused() || logFellBehind.getAsBoolean());
    }

    /** @return whether the relay knows by now that nothing can be recorded, and has promised not to let it through then */
    boolean condemnsOutput() {
        return scenario.log().failsClosed() && logWriter.turnsRefused() > TURNS_TO_NOTICE;
    }

    Scenario scenario() {
        return scenario;
    }

    Kill kill() {
        return kill;
    }

    Ledger ledger() {
        return ledger;
    }

    SimKernel kernel() {
        return kernel;
    }

    SimGuest guest() {
        return guest;
    }

    Phase phase() {
        return phase;
    }

    boolean settling() {
        return phase != Phase.SAFETY;
    }

    long nowNs() {
        return clock.elapsedNs();
    }

    Trace trace() {
        return trace;
    }

    /** @return memory for whoever receives, to be used within one step */
    byte[] scratch() {
        return scratch;
    }

    /** @return whether another connection may be made */
    boolean takeConnection() {
        return phase == Phase.SAFETY && connectionsLeft > 0 && connectionsLeft-- > 0;
    }

    int nextSerial() {
        return ++serials;
    }

    /** @return the connection that holds a range as far as clients know, or null */
    Connection holder(final int range) {
        for (final SimClient client : clients) {
            final Connection connection = client.connection();
            if (connection != null && connection.range() == range && !connection.isOver()) {
                return connection;
            }
        }
        return null;
    }

    @Override
    public void preempt() {
        guest.interfere();
        if (random.chance(scenario.preemptOneIn())) {
            for (int i = random.between(1, 3); i > 0; i--) {
                run(actors.get(random.below(actors.size())));
            }
        }
        if (phase == Phase.SAFETY || random.chance(LOOKS_ONE_IN)) {
            turnPhase();
        }
    }

    @Override
    public long nextEventInNs() {
        long soonest = settling() ? phaseStartNs + SETTLE_LIMIT_NS : Long.MAX_VALUE;
        for (final Actor actor : actors) {
            soonest = Math.min(soonest, actor.dueNs());
        }
        return Math.max(0, soonest - nowNs());
    }

    @Override
    public void runDue() {
        for (final Actor actor : actors) {
            if (actor.dueNs() <= nowNs()) {
                run(actor);
            }
        }
        turnPhase();
    }

    private void run(final Actor actor) {
        final boolean progress = actor.step();
        final int idleSteps = actor.idle(progress);
        final long delayNs;
        if (progress) {
            delayNs = random.spread(BUSY_DELAY_LEAST_NS, settling() ? BUSY_DELAY_MOST_SETTLING_NS : BUSY_DELAY_MOST_NS);
        } else {
            delayNs = Math.min(IDLE_DELAY_MOST_NS, IDLE_DELAY_LEAST_NS << Math.min(idleSteps, IDLE_DOUBLINGS_MOST));
        }
        actor.dueNs(Math.max(actor.dueNs(), nowNs() + delayNs));
        stepsLeft--;
    }

    private void turnPhase() {
        if (!begun) {
            // The relay opens, and nobody could order its end.
            return;
        }
        switch (phase) {
            case SAFETY -> {
                if (stepsLeft <= 0) {
                    if (scenario.ending() == Scenario.Ending.ABRUPT) {
                        end();
                    } else {
                        beginLiveness();
                    }
                }
            }
            case LIVENESS -> {
                final Object waitingFor = unsettled();
                if (waitingFor == null) {
                    ledger.checkArrived();
                    end();
                } else {
                    SimulationFailure.unless(nowNs() - phaseStartNs < SETTLE_LIMIT_NS, () -> "nothing goes wrong any more, and yet after "
                        + SETTLE_LIMIT_NS / 1_000_000 + " ms this has not settled: " + waitingFor);
                }
            }
            default -> SimulationFailure.unless(nowNs() - phaseStartNs < SETTLE_LIMIT_NS, "the relay does not end");
        }
    }

    private void beginLiveness() {
        trace.add("world", "faults end, everybody behaves");
        phase = Phase.LIVENESS;
        phaseStartNs = nowNs();
        kernel.faults(FaultProfile.NONE);
        disk.faults(DiskFaults.NONE);
        for (final Actor actor : actors) {
            actor.dueNs(nowNs());
            actor.idle(true);
        }
    }

    private void end() {
        trace.add("world", "the end is ordered");
        refusalsBeforeEnd = disk.refusals();
        phase = Phase.ENDING;
        phaseStartNs = nowNs();
        ledger.stopping();
        if (isShutdown()) {
            clients.get(0).orderShutdown();
        } else {
            onEnd.run();
        }
    }

    /** @return whether the end comes by way of the guest */
    boolean isShutdown() {
        return scenario.ending() == Scenario.Ending.SHUTDOWN || scenario.ending() == Scenario.Ending.SHUTDOWN_IGNORED;
    }

    /** @return when the end was ordered */
    long endOrderedNs() {
        return phaseStartNs;
    }

    /** @return what has not come to rest, to be put into words only if it never does; or null */
    private Object unsettled() {
        for (final SimClient client : clients) {
            if (!client.isDone()) {
                return client;
            }
        }
        final Object open = guest.unsettled();
        return open == null ? ledger.awaited() : open;
    }

    /** Runs what is left of the world after the relay has ended, so that everybody sees the end of their connections. */
    void afterwards() {
        for (final Actor actor : actors) {
            for (int i = 0; i < 100_000 && actor.step(); i++) {
                clock.advance(1);
            }
        }
        for (final SimClient client : clients) {
            if (!client.isDone()) {
                throw new SimulationFailure("the relay has ended, and not told " + client);
            }
        }
    }
}
