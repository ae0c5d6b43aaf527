package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.ConnectionLostException;
import dev.sluice.client.ExecFailedException;
import dev.sluice.client.ExecResult;
import dev.sluice.client.InputClosedException;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Agent, relay or a client is killed at a random moment while everybody is busy: the others are told soon, and no program outlives it. */
@TimeLimit(seconds = 600)
class KillTest {
    /** A second is what is promised; a machine that is busy with something else gets more. The real times are printed. */
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int TERM = 15;
    private static final int ROUNDS_PER_VICTIM = Full.isOn() ? 6 : 1;
    private static final long LATEST_MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Who is killed. */
    private enum Victim {
        AGENT, RELAY, CLIENT
    }

    /** Milliseconds from the kill until the last error, the end of the client process, and the end of the last program. */
    private long errorMillis;
    private long clientProcessMillis;
    private long programMillis;

    @ParameterizedTest
    @EnumSource
    void othersAreToldAndNothingIsLeft(final Console console) throws Exception {
        final Random random = new Random(Seeds.next("moments"));
        final List<Victim> victims = new ArrayList<>();
        for (int i = 0; i < ROUNDS_PER_VICTIM; i++) {
            victims.addAll(Arrays.asList(Victim.values()));
        }
        Collections.shuffle(victims, random);
        try (Sandbox sandbox = Sandbox.start(console)) {
            for (final Victim victim : victims) {
                final long moment = (long) (random.nextDouble() * LATEST_MOMENT_NANOS);
                round(sandbox, console, victim, moment);
                assertServes(sandbox);
            }
        }
    }

    /** SIGTERM instead of SIGKILL: whoever is told to end does so soon, with everything that depends on it. */
    @Test
    void whoIsToldToEndDoesSo() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING)) {
            try (BusyClients clients = BusyClients.start(sandbox)) {
                final long told = System.nanoTime();
                sandbox.relay().terminate();
                awaitFailures(clients, told);
                assertEquals(0, sandbox.relay().awaitExit(LIMIT));
                assertEquals(0, sandbox.agent().awaitExit(LIMIT));
                System.out.printf("relay told to end: everything has ended within %d ms%n", millisSince(told));
            }
            sandbox.workspace().assertOnlyLeft(LIMIT);
            sandbox.startRelay();
            sandbox.startAgent();
            try (BusyClients clients = BusyClients.start(sandbox)) {
                final long told = System.nanoTime();
                sandbox.agent().terminate();
                assertEquals(0, sandbox.agent().awaitExit(LIMIT));
                for (final BusyClients.Activity activity : clients.activities()) {
                    // The programs have ended by a signal, which is no failure.
                    activity.end().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
                }
                assertEquals(Sluice.SIGNALLED + TERM, clients.process().awaitExit(LIMIT));
                System.out.printf("agent told to end: everything has ended within %d ms%n", millisSince(told));
            }
            sandbox.workspace().assertOnlyLeft(LIMIT, sandbox.relay());
        }
    }

    private void round(final Sandbox sandbox, final Console console, final Victim victim, final long momentNanos) throws Exception {
        errorMillis = 0;
        clientProcessMillis = 0;
        programMillis = 0;
        try (BusyClients clients = BusyClients.start(sandbox)) {
            LockSupport.parkNanos(momentNanos);
            switch (victim) {
                case AGENT -> agentKilled(sandbox, clients);
                case RELAY -> relayKilled(sandbox, console, clients);
                case CLIENT -> clientKilled(sandbox, clients);
                default -> throw new AssertionError(victim);
            }
            System.out.printf("%s, %s killed after %d ms: ms until the last error %d, client process %d, program %d%n", console, victim,
                TimeUnit.NANOSECONDS.toMillis(momentNanos), errorMillis, clientProcessMillis, programMillis);
        }
        sandbox.workspace().assertOnlyLeft(LIMIT, sandbox.relay(), sandbox.agent());
    }

    private void agentKilled(final Sandbox sandbox, final BusyClients clients) throws Exception {
        final Set<ProcessHandle> below = sandbox.agent().descendants();
        final long killed = System.nanoTime();
        sandbox.agent().kill();
        awaitGone(below);
        programMillis = millisSince(killed);
        awaitFailures(clients, killed);
        sandbox.workspace().tag().awaitOnly(Set.of(sandbox.relay().pid()), LIMIT);
        assertTrue(sandbox.relay().isAlive(), sandbox::said);
        sandbox.startAgent();
    }

    private void relayKilled(final Sandbox sandbox, final Console console, final BusyClients clients) throws Exception {
        final Set<ProcessHandle> below = sandbox.agent().descendants();
        final long killed = System.nanoTime();
        sandbox.relay().kill();
        sandbox.workspace().tag().awaitOnly(Set.of(sandbox.agent().pid(), clients.process().pid()), LIMIT);
        programMillis = millisSince(killed);
        awaitFailures(clients, killed);
        if (console == Console.RELAY_DIALS) {
            // This agent waits for the next relay.
            assertTrue(sandbox.agent().isAlive(), sandbox::said);
        } else {
            sandbox.agent().awaitExit(LIMIT);
            awaitGone(below);
            sandbox.startAgent();
        }
        sandbox.startRelay();
    }

    private void clientKilled(final Sandbox sandbox, final BusyClients clients) throws Exception {
        final long killed = System.nanoTime();
        clients.process().kill();
        awaitGone(Set.of(ProcessHandle.of(clients.programOfProcess()).orElseThrow()));
        programMillis = millisSince(killed);
        assertServes(sandbox);
        for (final BusyClients.Activity other : clients.activities()) {
            assertFalse(other.end().isDone(), () -> other + " has nothing to do with it\n" + sandbox.said());
        }
    }

    /** Every activity has failed, with an error that says why, and so has the client process. */
    private void awaitFailures(final BusyClients clients, final long killed) throws Exception {
        for (final BusyClients.Activity activity : clients.activities()) {
            final BusyClients.End end = activity.end().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            final boolean typed = end.failure() instanceof ExecFailedException || end.failure() instanceof ConnectionLostException
                || activity.name().contains("written") && end.failure() instanceof InputClosedException;
            if (!typed) {
                throw new AssertionError(activity + " should have failed with an error that says why", end.failure());
            }
            assertTrue(end.failure() instanceof SandboxException);
            errorMillis = Math.max(errorMillis, TimeUnit.NANOSECONDS.toMillis(end.nanoTime() - killed));
        }
        assertEquals(Sluice.FAILED, clients.process().awaitExit(LIMIT));
        clientProcessMillis = millisSince(killed);
        final String message = clients.process().stderr().text();
        assertTrue(message.startsWith("sluice: ") && message.lines().count() == 1, message);
    }

    private static void awaitGone(final Set<ProcessHandle> processes) throws Exception {
        final Set<ProcessHandle> left = new HashSet<>(processes);
        Await.until(() -> "outlived what they depend on: " + left, LIMIT, () -> {
            left.removeIf(process -> !ProcessTag.isRunning(process.pid()));
            return left.isEmpty();
        });
    }

    private static long millisSince(final long killed) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed);
    }

    private static void assertServes(final Sandbox sandbox) throws Exception {
        try (SandboxClient client = sandbox.connect()) {
            final ExecResult result = client.exec("echo", "served");
            assertEquals("served\n", result.stdoutText());
        }
    }
}
