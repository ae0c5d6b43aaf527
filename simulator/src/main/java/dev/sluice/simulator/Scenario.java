package dev.sluice.simulator;

import dev.sluice.simulator.kernel.DiskFaults;
import dev.sluice.simulator.kernel.FaultProfile;
import dev.sluice.simulator.kernel.SimRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * What one run is like, all drawn from its seed.
 *
 * @param seed it was drawn from
 * @param transport of the guest's console
 * @param clockOrigin where the monotonic clock starts
 * @param slots clients that are connected at the same time, at most
 * @param connections how many are made in all
 * @param framesMost frames that a client sends, at most, its grants not counted
 * @param safetySteps steps of the world's inhabitants until everybody behaves
 * @param preemptOneIn system calls from one in which others run to the next, on average
 * @param faults of the kernel
 * @param relayBufferMost largest send buffer of the relay's sockets, in bytes
 * @param worldBufferMost largest send buffer of everybody else's sockets, in bytes
 * @param bodyMost longest body of a frame, in bytes
 * @param kinds of clients that come
 * @param guest what the guest does
 * @param limits what the relay is told
 * @param log the relay's exec log and its disk
 * @param ending how the relay comes to its end
 */
record Scenario(
    long seed, Transport transport, long clockOrigin, int slots, int connections, int framesMost, int safetySteps, int preemptOneIn,
    FaultProfile faults, int relayBufferMost, int worldBufferMost, int bodyMost, List<ClientKind> kinds, GuestHabits guest,
    RelayLimits limits, LogHabits log, Ending ending) {
    /** Below this the transfer of large frames would take longer than any deadline. */
    private static final int ROOMY_BUFFER = 16 * 1024;
    private static final int BUFFER_MOST = 256 * 1024;
    private static final int SMALL_BODY_MOST = 16 * 1024;
    private static final int BODIES_PER_BUFFER_BYTE = 128;
    private static final int ROTATION = 100;
    private static final Ending[] ENDINGS = {
        Ending.ORDERED, Ending.ORDERED, Ending.ORDERED, Ending.ABRUPT, Ending.SHUTDOWN, Ending.SHUTDOWN_IGNORED};
    private static final int FRAMES_MOST = 60;

    /** What a bounded file of the exec log may at least hold. */
    private static final int SMALLEST_LOG_FILE = 256 * 1024;
    private static final int DIES_AT_CALL_MOST = 5000;

    // Sizes of scenarios, chosen by what it costs to find each canary (CanaryTable).
    private static final int STEPS_LEAST = 60;
    private static final int STEPS_USUAL = 200;
    private static final int STEPS_MOST = 4000;
    private static final int CONNECTIONS_MOST = 40;
    private static final int SLOTS_MOST = 16;
    /** Seeds in which clients come and go so fast that ranges are given out again. */
    private static final int STORM_ONE_IN = 40;
    private static final int STORM_STEPS_LEAST = 3000;
    private static final int STORM_STEPS_MOST = 8000;

    /** How the relay comes to its end. */
    enum Ending {
        /** It is ordered to when everything has settled. */
        ORDERED,
        /** It is ordered to in the middle of it all. */
        ABRUPT,
        /** A client orders the guest's shutdown when everything has settled, and the guest goes. */
        SHUTDOWN,
        /** The same, and the guest does not go. */
        SHUTDOWN_IGNORED
    }

    /**
     * What the guest does now and then; one figure says in how many steps, 0 never.
     *
     * @param generation of the protocol it speaks
     * @param diesOneIn closes its port, anywhere in a frame
     * @param restartsOneIn sends core.ready again at the same port
     * @param breaksOneIn sends a length out of bounds
     * @param straysOneIn sends a frame for an id that it made up
     * @param controlsOneIn sends a frame for the relay that means nothing
     * @param stallsOneIn does nothing for some time
     * @param floods whether it sends much to clients that do not read
     */
    record GuestHabits(
        int generation, int diesOneIn, int restartsOneIn, int breaksOneIn, int straysOneIn, int controlsOneIn, int stallsOneIn,
        boolean floods) {
        /** @return whether one agent lives through the whole run */
        boolean faithful() {
            return diesOneIn == 0 && restartsOneIn == 0 && breaksOneIn == 0;
        }
    }

    /**
     * What the relay is told.
     *
     * @param maxClients connected at once
     * @param assemblyBuffers for long frames
     * @param stallSlowClients rather than evict them
     * @param headOfLineMillis a client may hold up the others
     * @param stallMillis until somebody without progress is given up
     * @param quarantineMillis until a range is given out again whose sessions have not ended
     * @param drainMillis for the last bytes
     * @param flushMillis for a guest that is to shut down
     */
    record RelayLimits(
        int maxClients, int assemblyBuffers, boolean stallSlowClients, int headOfLineMillis, int stallMillis, int quarantineMillis,
        int drainMillis, int flushMillis) {
    }

    /**
     * The relay's exec log, and what happens to it.
     *
     * @param on whether there is one
     * @param failsClosed whether programs whose output cannot be recorded are ended
     * @param fileBytes longest file, 0 for no bound
     * @param hangs whether the disk never answers until the end
     * @param disk how else it fails
     * @param diesAtCall in which of its calls the relay is killed, with or without a log, to be started again; 0 for none
     */
    record LogHabits(boolean on, boolean failsClosed, int fileBytes, boolean hangs, DiskFaults disk, int diesAtCall) {
        static final LogHabits NONE = new LogHabits(false, false, 0, false, DiskFaults.NONE, 0);

        private LogHabits surviving() {
            return new LogHabits(on, failsClosed, fileBytes, hangs, disk, 0);
        }
    }

    /** A quiet scenario: a few small frames, no faults, nobody who misbehaves. */
    static Scenario quiet(final long seed, final Transport transport, final int framesMost) {
        return new Scenario(
            seed, transport, 0, 2, 2, framesMost, 500, 5, FaultProfile.NONE, BUFFER_MOST, BUFFER_MOST, 64, List.of(ClientKind.PROMPT),
            new GuestHabits(5, 0, 0, 0, 0, 0, 0, false),
            new RelayLimits(IdRanges.COUNT, 8, false, 100, 1000, 60_000, 500, 500), LogHabits.NONE, Ending.ORDERED);
    }

    /** @return the same with an exec log on a sound disk */
    Scenario logged() {
        return new Scenario(
            seed, transport, clockOrigin, slots, connections, framesMost, safetySteps, preemptOneIn, faults, relayBufferMost,
            worldBufferMost, bodyMost, kinds, guest, limits, new LogHabits(true, false, 0, false, DiskFaults.NONE, 0), ending);
    }

    /** @return what comes after a relay has died in the middle of this: another world, and a relay that is told the same */
    Scenario afterDeath() {
        return new Scenario(
            SimRandom.mix(seed), transport, clockOrigin, slots, connections, framesMost, Math.min(safetySteps, STEPS_USUAL), preemptOneIn,
            faults, relayBufferMost, worldBufferMost, bodyMost, kinds, guest, limits, log.surviving(), ending);
    }

    /** Draws a scenario. @param transport of the guest's console, or null to draw that too */
    static Scenario draw(final long seed, final Transport transport) {
        final SimRandom random = new SimRandom(SimRandom.mix(seed));
        final Transport drawn = Transport.values()[random.below(Transport.values().length)];
        final int relayBuffer = buffer(random);
        final int worldBuffer = buffer(random);
        final int buffer = Math.min(relayBuffer, worldBuffer);
        final int bodyMost = buffer >= ROOMY_BUFFER && random.chance(3)
            ? Frame.BODY_MAX
            : Math.max(64, (int) Math.min((long) buffer * BODIES_PER_BUFFER_BYTE, SMALL_BODY_MOST));
        final boolean storm = random.chance(STORM_ONE_IN);
        final int connections = storm ? random.between(2 * ROTATION, 5 * ROTATION) : (int) random.spread(1, CONNECTIONS_MOST);
        final int steps = storm ? random.between(STORM_STEPS_LEAST, STORM_STEPS_MOST) : steps(random);
        return new Scenario(
            seed, transport == null ? drawn : transport, clockOrigin(random), (int) random.spread(1, SLOTS_MOST), connections, FRAMES_MOST,
            steps, random.pick(2, 5, 20, 100), FaultProfile.draw(random), relayBuffer, worldBuffer, bodyMost, kinds(random, storm),
            habits(random), limits(random, connections), log(random), ENDINGS[random.below(ENDINGS.length)]);
    }

    /** Most seeds are short and a few are long: what takes a long time to find takes few steps once it is there. */
    private static int steps(final SimRandom random) {
        return (int) random.spread(STEPS_LEAST, random.spread(STEPS_USUAL, STEPS_MOST));
    }

    private static int buffer(final SimRandom random) {
        return (int) random.spread(random.chance(2) ? 1 : ROOMY_BUFFER, BUFFER_MOST);
    }

    private static long clockOrigin(final SimRandom random) {
        return switch (random.below(4)) {
            case 0 -> 0;
            case 1 -> Long.MAX_VALUE - random.below(Integer.MAX_VALUE);
            case 2 -> -random.below(Integer.MAX_VALUE);
            default -> random.nextLong();
        };
    }

    private static List<ClientKind> kinds(final SimRandom random, final boolean storm) {
        final List<ClientKind> kinds = new ArrayList<>();
        for (final ClientKind kind : ClientKind.values()) {
            if (random.chance(storm ? 6 : 2)) {
                kinds.add(kind);
            }
        }
        for (int i = storm ? 4 : 0; i > 0; i--) {
            kinds.add(ClientKind.STORMING);
        }
        if (kinds.isEmpty()) {
            kinds.add(ClientKind.PROMPT);
        }
        return kinds;
    }

    private static LogHabits log(final SimRandom random) {
        final int diesAtCall = random.chance(12) ? (int) random.spread(1, DIES_AT_CALL_MOST) : 0;
        return random.chance(3)
            ? new LogHabits(
                true, random.chance(3), random.pick(0, SMALLEST_LOG_FILE), random.chance(6), DiskFaults.draw(random), diesAtCall)
            : new LogHabits(false, false, 0, false, DiskFaults.NONE, diesAtCall);
    }

    private static GuestHabits habits(final SimRandom random) {
        final boolean faithful = random.chance(2);
        return new GuestHabits(
            random.between(1, 7), faithful ? 0 : habit(random), faithful ? 0 : habit(random), faithful ? 0 : habit(random),
            random.chance(2) ? 0 : random.between(3, 100), random.chance(2) ? 0 : random.between(10, 200),
            random.chance(2) ? 0 : random.between(10, 500), random.chance(2));
    }

    private static int habit(final SimRandom random) {
        return random.chance(2) ? 0 : random.between(30, 1000);
    }

    private static RelayLimits limits(final SimRandom random, final int connections) {
        return new RelayLimits(
            random.chance(6) ? random.between(1, 8) : IdRanges.COUNT, random.between(1, 8), random.chance(4), random.between(60, 100),
            random.between(300, 1000), connections < ROTATION && random.chance(2) ? random.between(1, 500) : 60_000,
            random.between(100, 500), random.between(50, 500));
    }
}
