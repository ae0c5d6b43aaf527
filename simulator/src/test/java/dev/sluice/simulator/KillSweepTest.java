package dev.sluice.simulator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.simulator.Kill.Victim;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Somebody dies at every point of a small exchange, and the others have to be told what they are owed: clients the end of each session or
 * of their connection, the guest the end of the sessions of a client that left, everybody the end of the relay. All of that is checked by
 * every run, whoever dies in it.
 */
class KillSweepTest {
    /** Where the search for an exchange begins that is worth it. */
    private static final long FIRST_SEED = 1;
    private static final int BYTES_LEAST = 300;
    private static final int BYTES_MOST = 3000;
    private static final int FRAMES_MOST = 10;
    /** A relay that dies leaves memory of its own behind in this process, so it does not die in each of its calls. */
    private static final int CALLS_BETWEEN_DEATHS = 7;

    @ParameterizedTest
    @EnumSource(names = {"UNIX", "RING"})
    void guestDiesAtEveryByteItWrites(final Transport transport) throws IOException {
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
            final Scenario scenario = exchange(runner, transport);
            sweep(runner, scenario, Victim.GUEST_WRITING, runner.run(scenario).guestWrote());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"UNIX", "RING"})
    void guestDiesAtEveryByteItReads(final Transport transport) throws IOException {
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
            final Scenario scenario = exchange(runner, transport);
            sweep(runner, scenario, Victim.GUEST_READING, runner.run(scenario).guestRead());
        }
    }

    @Test
    void clientDiesAtEveryByteItSendsOrReceives() throws IOException {
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
            final Scenario scenario = exchange(runner, Transport.UNIX);
            final Report undisturbed = runner.run(scenario);
            sweep(runner, scenario, Victim.CLIENT_SENDING, undisturbed.guestRead());
            sweep(runner, scenario, Victim.CLIENT_RECEIVING, undisturbed.guestWrote());
        }
    }

    @ParameterizedTest
    @EnumSource
    void relayDies(final Transport transport) throws IOException {
        try (SeedRunner runner = new SeedRunner(SeedRunner::soundKernel, null)) {
            final Scenario scenario = exchange(runner, transport).logged();
            final long calls = runner.run(scenario).calls();
            for (long call = 1; call < calls; call += CALLS_BETWEEN_DEATHS) {
                runner.run(scenario, new Kill(Victim.RELAY, call));
            }
        }
    }

    /** A few sessions, some hundred bytes in each direction: what seed gives that changes with every frame the relay sends. */
    private static Scenario exchange(final SeedRunner runner, final Transport transport) throws IOException {
        for (long seed = FIRST_SEED; ; seed++) {
            final Scenario scenario = Scenario.quiet(seed, transport, FRAMES_MOST);
            final Report report = runner.run(scenario);
            if (Math.min(report.guestRead(), report.guestWrote()) >= BYTES_LEAST
                && Math.max(report.guestRead(), report.guestWrote()) <= BYTES_MOST) {
                return scenario;
            }
        }
    }

    private static void sweep(final SeedRunner runner, final Scenario scenario, final Victim victim, final long bytes)
        throws IOException {
        assertTrue(bytes >= BYTES_LEAST, "too small an exchange: " + bytes);
        for (long at = 1; at <= bytes; at++) {
            runner.run(scenario, new Kill(victim, at));
        }
    }
}
