package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ExecFailed;
import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers are told of what they had asked for when there is no answer. */
class OutcomeTest {
    private ScriptedRelay relay;
    private SandboxClient client;

    @BeforeEach
    void connect() throws Exception {
        relay = new ScriptedRelay();
        client = relay.connect(Wire.concat(Wire.hex("0000000101ffffff"), Golden.frame("core.ready with agent_version")));
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        relay.close();
    }

    @Test
    void aRequestThatWasReceivedMayHaveHappened() throws Exception {
        final Task<Duration> ping = Task.start(() -> client.ping(ScriptedRelay.DEADLINE));
        final Task<ExecResult> exec = Task.start(() -> client.exec("x"));
        relay.receive("core.exec.request");
        relay.closePeer();
        assertEquals(Outcome.UNKNOWN, assertThrows(ConnectionLostException.class, ping::get).outcome());
        assertEquals(Outcome.UNKNOWN, assertThrows(ConnectionLostException.class, exec::get).outcome());
        assertEquals(Outcome.NOT_SENT, assertThrows(ConnectionLostException.class, () -> client.exec("late")).outcome());
        assertEquals(Outcome.NOT_SENT, assertThrows(ConnectionLostException.class, () -> client.ping(Duration.ofSeconds(1))).outcome());
    }

    @Test
    void aProgramThatHasStartedIsToldApart() throws Exception {
        final ExecSession session = start();
        final Task<Integer> waiting = Task.start(() -> session.waitFor(ScriptedRelay.DEADLINE));
        final Task<Integer> reading = Task.start(() -> session.stdout().read());
        waiting.awaitWaiting();
        relay.closePeer();
        assertEquals(Outcome.STARTED, assertThrows(ConnectionLostException.class, waiting::get).outcome());
        assertEquals(Outcome.STARTED, assertThrows(ConnectionLostException.class, reading::get).outcome());
        final Exception exit = assertThrows(Exception.class, () -> session.onExit().get(20, TimeUnit.SECONDS));
        assertEquals(Outcome.STARTED, ((ConnectionLostException) exit.getCause()).outcome());
    }

    /**
     * The relay stops reading; frames fill its socket, one write is stuck half-way, others wait behind it. Then the connection ends. What
     * the relay finds in its socket has left, in part at least; nothing of what is said not to have been sent may be there.
     */
    @Test
    void c7_aPoisonedWriteTellsWhichRequestsMayHaveBeenHeard() throws Exception {
        final List<Task<ExecResult>> tasks = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            final String name = name(i);
            tasks.add(Task.startVirtual(() -> client.exec(name)));
        }
        final byte[] first = relay.receive("core.exec.request");
        for (final Task<ExecResult> task : tasks) {
            task.awaitWaiting();
        }
        client.close();
        final String heard = new String(Wire.concat(first, relay.receiveAll()), StandardCharsets.ISO_8859_1);
        int notSent = 0;
        int notHeard = 0;
        for (int i = 0; i < tasks.size(); i++) {
            final Outcome outcome = assertThrows(ConnectionLostException.class, tasks.get(i)::get).outcome();
            final boolean inPart = heard.contains("program-" + i + "-");
            assertTrue(!inPart || outcome == Outcome.UNKNOWN, "request " + i + " is said to be " + outcome);
            notSent += outcome == Outcome.NOT_SENT ? 1 : 0;
            notHeard += inPart ? 0 : 1;
        }
        // 4 MB do not fit a socket and two buffers. One request may have left with less than its name.
        assertTrue(notSent > 0 && notSent >= notHeard - 1, "not sent: " + notSent + " not heard: " + notHeard);
    }

    @Test
    void ofManyRequestsOnlyThoseThatTheRelayDidNotGetAreSafeToRepeat() throws Exception {
        for (int round = 0; round < 20; round++) {
            final List<Task<ExecResult>> tasks = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                final String name = name(i);
                tasks.add(Task.startVirtual(() -> client.exec(name)));
            }
            final StringBuilder heard = new StringBuilder();
            for (int i = 0; i < round; i++) {
                heard.append(new String(relay.receive("core.exec.request"), StandardCharsets.ISO_8859_1));
            }
            relay.closePeer();
            for (int i = 0; i < tasks.size(); i++) {
                final Outcome outcome = assertThrows(ConnectionLostException.class, tasks.get(i)::get).outcome();
                assertTrue(outcome == Outcome.UNKNOWN || outcome == Outcome.NOT_SENT && heard.indexOf(name(i)) < 0,
                    "round " + round + " request " + i + " is said to be " + outcome);
            }
            client.close();
            client = relay.connect(Wire.concat(Wire.hex("0000000101ffffff"), Golden.frame("core.ready with agent_version")));
        }
    }

    @Test
    void aWriteOfWhichNothingLeftIsToldApartFromOneThatLeftInPart() throws Exception {
        client.close();
        relay.closePeer();
        client = relay.connectWithWindows(4096);
        final ExecSession session = start();
        final Task<Void> partly = Task.start(() -> {
            session.stdin().write(new byte[10_000]);
            return null;
        });
        relay.receive("core.exec.stdin");
        partly.awaitWaiting();
        final Task<Void> none = Task.start(() -> {
            session.stdin().write(new byte[10]);
            return null;
        });
        none.awaitWaiting();
        relay.closePeer();
        assertEquals(Outcome.UNKNOWN, assertThrows(ConnectionLostException.class, partly::get).outcome());
        assertEquals(Outcome.NOT_SENT, assertThrows(ConnectionLostException.class, none::get).outcome());
    }

    @Test
    void aDeadlineTellsWhatItLeaves() throws Exception {
        final ExecOptions impatient = ExecOptions.command("x").startDeadline(Duration.ofMillis(50)).build();
        assertEquals(Outcome.UNKNOWN, assertThrows(DeadlineExceededException.class, () -> client.start(impatient)).outcome());
        assertEquals("core.exec.request", Wire.type(relay.receive()));
        assertEquals("core.exec.signal", Wire.type(relay.receive()));
        relay.send(Wire.EXITED_0);
        final ExecSession session = start();
        assertEquals(Outcome.STARTED,
            assertThrows(DeadlineExceededException.class, () -> session.waitFor(Duration.ofMillis(1))).outcome());
    }

    @Test
    void atItsDeadlineAProgramIsKilledAndWhatItWroteIsKept() throws Exception {
        final ExecOptions options = ExecOptions.command("x").deadline(Duration.ofMillis(100)).build();
        final Task<ExecResult> running = Task.start(() -> client.exec(options));
        final int id = relay.start();
        relay.send(Wire.withId(Wire.STDOUT_HI, id));
        assertArrayEquals(Golden.frame("core.exec.signal 9"), relay.receive("core.exec.signal"));
        relay.send(Wire.data("core.exec.stdout", id, (byte) '!'), Wire.data("core.exec.stderr", id, (byte) '?'));
        relay.send(Wire.withId(Wire.EXITED_42, id));
        final DeadlineExceededException late = assertThrows(DeadlineExceededException.class, running::get);
        assertEquals("hi\n!", new String(late.stdout()));
        assertEquals("?", new String(late.stderr()));
        assertEquals(Outcome.STARTED, late.outcome());
    }

    @Test
    void anErrorAboutInputLeavesTheProgramRunning() throws Exception {
        final ExecSession session = start();
        relay.send(Wire.frame("core.error", 1, Wire.TERMINAL, error("invalid_payload", "core.exec.stdin")), Wire.STDOUT_HI);
        assertEquals("hi\n", new String(session.stdout().readNBytes(3)));
        final SandboxErrorException refused =
            assertThrows(SandboxErrorException.class, () -> session.stdin().write(1));
        assertEquals("core.exec.stdin", refused.offendingType());
        relay.send(Wire.frame("core.error", 1, Wire.TERMINAL, error("invalid_payload", "core.exec.signal")));
        relay.send(Wire.STDOUT_HI, Wire.EXITED_0);
        assertEquals(0, session.waitFor(ScriptedRelay.DEADLINE));
        assertEquals("hi\n", new String(session.stdout().readAllBytes()));
    }

    @Test
    void anErrorAboutTheRequestEndsTheSession() throws Exception {
        final Task<ExecResult> running = Task.start(() -> client.exec("x"));
        relay.receive("core.exec.request");
        relay.send(Wire.withId(Golden.frame("core.error invalid_payload"), 1));
        assertEquals("core.ping", assertThrows(SandboxErrorException.class, running::get).offendingType());
        final ExecSession session = start();
        relay.send(Wire.withId(Golden.frame("core.error invalid_session without offending_type"), 2));
        assertThrows(SandboxErrorException.class, () -> session.waitFor(ScriptedRelay.DEADLINE));
    }

    @Test
    void anErrorAboutNobodyKnowsWhatFailsTheProgramAndKillsIt() throws Exception {
        final ExecSession session = start();
        relay.send(Wire.withId(Golden.frame("core.error malformed_message without offending_type"), 1));
        assertThrows(SandboxErrorException.class, () -> session.waitFor(ScriptedRelay.DEADLINE));
        assertArrayEquals(Golden.frame("core.exec.signal 9"), relay.receive());
        // The id is in use until the program has ended.
        relay.send(Wire.EXITED_0);
        final Task<ExecResult> next = Task.start(() -> client.exec("x"));
        relay.send(Wire.withId(Wire.EXITED_0, relay.start()));
        next.get();
        assertEquals(0, client.ignoredFrames());
    }

    @Test
    void aBrokenInputIsToldWithItsErrno() throws Exception {
        final ExecSession session = start();
        relay.send(Wire.withId(Golden.frame("core.exec.stdin.error EPIPE"), 1), Wire.STDOUT_HI);
        session.stdout().read();
        final InputClosedException closed = assertThrows(InputClosedException.class, () -> session.stdin().write(1));
        assertEquals("EPIPE", closed.errnoName());
        assertEquals(32, closed.errno().orElseThrow());
        assertTrue(closed.getMessage().contains("Broken pipe"), closed.getMessage());
    }

    @Test
    void theEndOfInputIsSentWithTheRequestOfAProgramWithoutInput() throws Exception {
        final Task<ExecSession> starting = Task.start(() -> client.start(ExecOptions.command("x").noInput().build()));
        assertEquals("core.exec.request", Wire.type(relay.receive()));
        assertArrayEquals(Wire.data("core.exec.stdin", 1), Golden.withVersion(relay.receive(), 1));
        relay.send(Wire.STARTED_42);
        assertThrows(InputClosedException.class, () -> starting.get().stdin().write(1));
        assertThrows(IllegalArgumentException.class, () -> client.exec(ExecOptions.command("x").noInput().build(), (byte) 1));
        client.close();
        assertThrows(EOFException.class, () -> relay.receive());
    }

    @Test
    void aGuestThatIsLostIsToldByTheRelay() throws Exception {
        final ExecSession session = start();
        relay.send(Wire.withId(Golden.frame("core.exec.failed other, all null"), 1));
        final ExecFailedException failed = assertThrows(ExecFailedException.class, () -> session.waitFor(ScriptedRelay.DEADLINE));
        assertEquals(ExecFailed.Kind.OTHER, failed.kind());
    }

    /** Of a program, 20 KB and not like any other's. */
    private static String name(final int number) {
        return "program-" + number + "-" + "a".repeat(20_000);
    }

    private static byte[] error(final String kind, final String type) {
        return Wire.concat(Wire.head(5, 3), Wire.text("kind"), Wire.text(kind), Wire.text("message"), Wire.text("no"),
            Wire.text("offending_type"), Wire.text(type));
    }

    private ExecSession start() throws Exception {
        final Task<ExecSession> starting = Task.start(() -> client.start(ExecOptions.command("x").build()));
        relay.start();
        return starting.get();
    }
}
