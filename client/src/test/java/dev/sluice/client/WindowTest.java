package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that streams, with an agent that knows windows. */
class WindowTest {
    private static final int INPUT_WINDOW = 8 * 1024;
    private static final int EOF_LENGTH = Wire.STDIN_EOF.length;

    private ScriptedRelay relay;
    private SandboxClient client;

    @BeforeEach
    void connect() throws Exception {
        relay = new ScriptedRelay();
        client = relay.connectWithWindows(INPUT_WINDOW);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        relay.close();
    }

    @Test
    void aRequestAnnouncesTheWindowOfBothOutputs() throws Exception {
        final Task<ExecSession> starting = Task.start(() -> client.start(ExecOptions.command("x").build()));
        final byte[] request = relay.receive();
        assertEquals(ReceiveBudget.INITIAL_WINDOW, Wire.number(request, "sluice_window"));
        relay.send(Wire.STARTED_42);
        starting.get().close();
    }

    @Test
    void inputNeverExceedsTheWindowAndItsEndAlwaysFits() throws Exception {
        final ExecSession session = start();
        final byte[] input = new byte[30_000];
        new Random(1).nextBytes(input);
        final Task<Void> writing = Task.start(() -> {
            session.stdin().write(input);
            session.stdin().close();
            return null;
        });
        byte[] received = {};
        int budget = INPUT_WINDOW;
        while (received.length < input.length) {
            final byte[] frame = relay.receive();
            budget -= frame.length;
            assertTrue(budget >= EOF_LENGTH, "left of the window: " + budget);
            received = Wire.concat(received, Wire.dataOf(frame));
            if (budget < 100 && received.length < input.length) {
                assertFalse(writing.isDone());
                relay.send(Wire.window(1, 0, 1000));
                budget += 1000;
            }
        }
        assertArrayEquals(input, received);
        assertArrayEquals(Wire.STDIN_EOF, relay.receive());
        writing.get();
        session.close();
    }

    @Test
    void aWriterThatWaitsForTheWindowIsToldWhenTheProgramEnds() throws Exception {
        final ExecSession session = start();
        final Task<Void> writing = Task.start(() -> {
            session.stdin().write(new byte[100_000]);
            return null;
        });
        relay.receive();
        writing.awaitWaiting();
        relay.send(Wire.EXITED_0);
        assertThrows(InputClosedException.class, writing::get);
    }

    @Test
    void whatIsReadIsGrantedAndTheWindowGrows() throws Exception {
        final ExecSession session = start();
        final Agent agent = new Agent(1, ReceiveBudget.INITIAL_WINDOW);
        final Task<Long> reading = Task.start(() -> session.stdout().transferTo(OutputStream.nullOutputStream()));
        long sent = 0;
        while (sent < 8 * 1024 * 1024) {
            sent += agent.fill();
            assertTrue(agent.window <= ReceiveBudget.MAX_WINDOW, "window: " + agent.window);
            agent.awaitGrant();
        }
        assertTrue(agent.grantedAtOnce > ReceiveBudget.MAX_WINDOW / 4, "largest grant: " + agent.grantedAtOnce);
        relay.send(Wire.EXITED_0);
        assertEquals(sent, reading.get());
        assertEquals(0, session.waitFor(ScriptedRelay.DEADLINE));
    }

    @Test
    void whatIsNotReadIsNotGrantedAndHoldsUpNobody() throws Exception {
        final ExecSession stuck = start();
        final Agent agent = new Agent(1, ReceiveBudget.INITIAL_WINDOW);
        final long waiting = agent.fill();
        for (int i = 2; i < 50; i++) {
            final Task<ExecResult> running = Task.start(() -> client.exec("x"));
            assertEquals(i, relay.start());
            relay.send(Wire.data("core.exec.stdout", i, new byte[100]), Wire.withId(Wire.EXITED_0, i));
            assertEquals(100, running.get().stdoutLength());
        }
        assertEquals(0, agent.granted, "for the stream that nobody reads");
        relay.send(Wire.EXITED_0);
        assertEquals(waiting, stuck.stdout().readAllBytes().length);
    }

    @Test
    void aClosedSessionGoesOnGrantingUntilItsEnd() throws Exception {
        final ExecSession session = start();
        final Agent agent = new Agent(1, ReceiveBudget.INITIAL_WINDOW);
        agent.fill();
        session.close();
        for (int i = 0; i < 5; i++) {
            agent.awaitGrant();
            agent.fill();
        }
        relay.send(Wire.EXITED_0);
        assertEquals(0, session.waitFor(ScriptedRelay.DEADLINE));
    }

    @Test
    void sessionsShareTheBudgetAndWaitForOneThatHasNone() throws Exception {
        final List<ExecSession> sessions = new ArrayList<>();
        long announced = 0;
        final int least = 2 * ReceiveBudget.MIN_WINDOW;
        while (announced + least <= ReceiveBudget.TOTAL) {
            final Task<ExecSession> starting = Task.start(() -> client.start(ExecOptions.command("x").build()));
            final byte[] request = relay.receive();
            announced += 2 * Wire.number(request, "sluice_window");
            relay.send(Wire.withId(Wire.STARTED_42, Wire.id(request)));
            sessions.add(starting.get());
        }
        assertTrue(announced <= ReceiveBudget.TOTAL, "announced: " + announced);
        assertTrue(sessions.size() > 60, "sessions: " + sessions.size());
        final ExecOptions impatient = ExecOptions.command("x").startDeadline(Duration.ofMillis(100)).build();
        assertThrows(DeadlineExceededException.class, () -> client.start(impatient));
        final Task<ExecSession> patient = Task.start(() -> client.start(ExecOptions.command("x").build()));
        patient.awaitWaiting();
        relay.send(Wire.EXITED_0);
        assertEquals(sessions.size() + 1, relay.start());
        sessions.add(patient.get());
        for (final ExecSession session : sessions) {
            session.close();
        }
    }

    @Test
    void theSumOfAllWindowsStaysWithinTheBudgetWhateverSessionsDo() throws Exception {
        final Random random = new Random(Seeds.next("sessions that share a budget"));
        final ReceiveBudget budget = new ReceiveBudget();
        final Deadline now = Deadline.after(Duration.ZERO);
        final List<ReceiveWindow> windows = new ArrayList<>();
        final List<int[]> outstanding = new ArrayList<>();
        for (int step = 0; step < 200_000; step++) {
            final int index = windows.isEmpty() ? -1 : random.nextInt(windows.size());
            final int dice = random.nextInt(20);
            if (index < 0 || dice == 0 && budget.available() >= 2 * ReceiveBudget.MIN_WINDOW) {
                final int initial = budget.takeInitial(2, now);
                for (int stream = 0; stream < 2; stream++) {
                    windows.add(new ReceiveWindow(budget, initial));
                    outstanding.add(new int[] {initial});
                }
            } else if (dice == 1) {
                windows.remove(index).end();
                outstanding.remove(index);
            } else {
                // The agent sends something within its window, all of which is read.
                final int sent = random.nextInt(outstanding.get(index)[0] + 1);
                outstanding.get(index)[0] += windows.get(index).consume(sent) - sent;
            }
            long sum = 0;
            for (final int[] each : outstanding) {
                assertTrue(each[0] >= 0 && each[0] <= ReceiveBudget.MAX_WINDOW);
                sum += each[0];
            }
            assertTrue(sum <= ReceiveBudget.TOTAL - budget.available() && budget.available() >= 0, "step " + step);
        }
        for (final ReceiveWindow window : windows) {
            window.end();
        }
        assertEquals(ReceiveBudget.TOTAL, budget.available());
    }

    /** However often the larger ones are read before it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7})
    void aWindowThatIsReadGrowsBesideLargerOnes(final int readsOfOthers) throws Exception {
        final ReceiveBudget budget = new ReceiveBudget();
        final Deadline now = Deadline.after(Duration.ZERO);
        final List<ReceiveWindow> windows = new ArrayList<>();
        final List<Integer> sizes = new ArrayList<>();
        for (int stream = 0; stream < 3; stream++) {
            final int initial = budget.takeInitial(1, now);
            windows.add(new ReceiveWindow(budget, initial));
            sizes.add(initial);
            for (int round = 0; round < 100; round++) {
                for (int read = 0; read < readsOfOthers * stream; read++) {
                    final int other = read % stream;
                    sizes.set(other, windows.get(other).consume(sizes.get(other)));
                }
                sizes.set(stream, windows.get(stream).consume(sizes.get(stream)));
            }
            final int largest = Collections.max(sizes);
            for (final int size : sizes) {
                assertTrue(size >= largest / 4, "sizes: " + sizes);
            }
            assertTrue(largest > 128 * 1024, "sizes: " + sizes);
        }
    }

    private ExecSession start() throws Exception {
        final Task<ExecSession> starting = Task.start(() -> client.start(ExecOptions.command("x").build()));
        relay.start();
        return starting.get();
    }

    /** The agent's side of one standard output. */
    private final class Agent {
        private final int id;
        private long window;
        private long granted;
        private long grantedAtOnce;

        Agent(final int id, final int window) {
            this.id = id;
            this.window = window;
        }

        /** Sends data frames until the window is used up; returns the bytes of data sent. */
        long fill() throws Exception {
            long sent = 0;
            while (window >= 100) {
                final int length = (int) Math.min(window, 16 * 1024) - 60;
                final byte[] frame = Wire.data("core.exec.stdout", id, new byte[length]);
                relay.send(frame);
                window -= frame.length;
                sent += length;
            }
            return sent;
        }

        void awaitGrant() throws Exception {
            final byte[] frame = relay.receive("sluice.window");
            assertEquals(id, Wire.id(frame));
            assertEquals(1, Wire.number(frame, "stream"));
            final long bytes = Wire.number(frame, "bytes");
            window += bytes;
            granted += bytes;
            grantedAtOnce = Math.max(grantedAtOnce, bytes);
        }
    }
}
