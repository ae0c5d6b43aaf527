package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ExecFailed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of sessions when the relay, the guest or the stream of frames goes wrong. */
class LossTest {
    private ScriptedRelay relay;
    private SandboxClient client;

    @BeforeEach
    void connect() throws Exception {
        relay = new ScriptedRelay();
        client = relay.connect();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        relay.close();
    }

    @Test
    void everyoneIsToldOfALostConnectionWhateverTheyWaitFor() throws Exception {
        final ExecSession session = start();
        final List<Task<?>> waiting = new ArrayList<>();
        waiting.add(Task.start(() -> session.waitFor(ScriptedRelay.DEADLINE)));
        waiting.add(Task.start(() -> session.stdout().read()));
        waiting.add(Task.startVirtual(() -> session.stderr().read()));
        waiting.add(Task.start(() -> client.exec("starting")));
        relay.receive("core.exec.request");
        waiting.add(Task.start(() -> {
            while (true) {
                session.stdin().write(new byte[100_000]);
            }
        }));
        relay.closePeer();
        for (final Task<?> task : waiting) {
            assertThrows(ConnectionLostException.class, task::get);
        }
        assertThrows(ConnectionLostException.class, () -> client.exec("late"));
        session.signal(15);
        session.close();
    }

    @Test
    void outputThatCameBeforeTheLossIsStillRead() throws Exception {
        final ExecSession session = start();
        relay.send(Wire.STDOUT_HI);
        relay.send(Arrays.copyOf(Wire.STDOUT_HI, 20));
        relay.closePeer();
        final ConnectionLostException lost =
            assertThrows(ConnectionLostException.class, () -> session.waitFor(ScriptedRelay.DEADLINE));
        assertTrue(lost.getMessage().contains("inside a frame"), lost.getMessage());
        assertEquals("hi\n", new String(session.stdout().readNBytes(3)));
        assertThrows(ConnectionLostException.class, () -> session.stdout().read());
        assertTrue(session.exitCode().isEmpty());
    }

    @Test
    void theGuestsLossIsToldByTheRelayBeforeItEnds() throws Exception {
        final ExecSession session = start();
        final byte[] payload = Wire.concat(Wire.head(5, 3), Wire.text("kind"), Wire.text("other"), Wire.text("message"),
            Wire.text("the guest is gone"), Wire.text("stage"), Wire.text("relay"));
        relay.send(Wire.frame("core.exec.failed", 1, Wire.TERMINAL, payload));
        relay.closePeer();
        final ExecFailedException failure =
            assertThrows(ExecFailedException.class, () -> session.waitFor(ScriptedRelay.DEADLINE));
        assertEquals("relay", failure.stage());
        assertEquals(ExecFailed.Kind.OTHER, failure.kind());
    }

    @Test
    void theLossOfTheConnectionCanBeWaitedFor() throws Exception {
        final CompletableFuture<Void> closed = client.onClosed();
        // Whoever looks often leaves nothing behind.
        assertSame(closed, client.onClosed());
        assertFalse(closed.isDone());
        final CompletableFuture<Boolean> onVirtualThread = closed.thenApply(nothing -> Thread.currentThread().isVirtual());
        assertFalse(closed.cancel(false));
        assertFalse(closed.complete(null));
        assertThrows(TimeoutException.class, () -> await(closed.orTimeout(1, TimeUnit.MILLISECONDS)));
        assertNull(closed.completeOnTimeout(null, 1, TimeUnit.MILLISECONDS).get(10, TimeUnit.SECONDS));
        assertFalse(closed.isDone());
        assertTrue(client.isOpen());
        final ExecSession session = start();
        relay.closePeer();
        client.onClosed().get(ScriptedRelay.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        assertFalse(client.isOpen());
        assertThrows(ConnectionLostException.class, () -> session.waitFor(Duration.ZERO));
        assertTrue(onVirtualThread.get(ScriptedRelay.DEADLINE.toMillis(), TimeUnit.MILLISECONDS));
        assertTrue(closed.thenApplyAsync(nothing -> Thread.currentThread().isVirtual()).get(10, TimeUnit.SECONDS));
    }

    private static void await(final CompletableFuture<Void> future) throws Exception {
        try {
            future.get(ScriptedRelay.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (final ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    @Test
    void closingTheClientFailsWhatIsUnderWay() throws Exception {
        final ExecSession session = start();
        final Task<Integer> waiting = Task.start(() -> session.waitFor(ScriptedRelay.DEADLINE));
        waiting.awaitWaiting();
        client.close();
        assertThrows(ConnectionLostException.class, waiting::get);
        assertFalse(client.isOpen());
        client.onClosed().get(ScriptedRelay.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        client.close();
        assertThrows(IOException.class, () -> relay.receive());
    }

    @Test
    void aClientCanBeClosedWhileTheRelayTakesNothing() throws Exception {
        final ExecSession session = start();
        final Task<Void> writing = Task.start(() -> {
            while (true) {
                session.stdin().write(new byte[100_000]);
            }
        });
        writing.awaitWaiting();
        client.close();
        assertThrows(ConnectionLostException.class, writing::get);
    }

    @Test
    void aRelayThatTakesNothingIsWaitedForUntilTheDeadline() throws Exception {
        final ExecOptions options = ExecOptions.command("x").deadline(Duration.ofMillis(500)).build();
        final Task<ExecSession> starting = Task.start(() -> client.start(options));
        relay.start();
        final ExecSession session = starting.get();
        final Task<Void> writing = Task.start(() -> {
            while (true) {
                session.stdin().write(new byte[100_000]);
            }
        });
        assertThrows(DeadlineExceededException.class, writing::get);
        session.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000004", "00000000", "00400001", "7fffffff", "ffffffff"})
    void aLengthThatCannotBeEndsTheConnection(final String length) throws Exception {
        final ExecSession session = start();
        relay.send(Wire.STDOUT_HI, Wire.hex(length));
        final ConnectionLostException lost =
            assertThrows(ConnectionLostException.class, () -> session.waitFor(ScriptedRelay.DEADLINE));
        assertTrue(lost.getMessage().contains("length"), lost.getMessage());
        assertEquals("hi\n", new String(session.stdout().readNBytes(3)));
    }

    @Test
    void whatMeansNothingIsCountedAndHarmsNobody() throws Exception {
        final ExecSession session = start();
        final List<byte[]> nonsense = List.of(
            // For nobody, for the control id, and unknown or undecodable for this session.
            Wire.withId(Wire.STDOUT_HI, 99), Wire.READY, Wire.frame("core.exec.teleported", 1, 0, new byte[] {(byte) 0xA0}),
            Wire.hex("0000000a0000000100ffffffffff"), Wire.hex("000000050000000100"),
            // A payload that is not the type's, a message that only clients send, a grant of what only clients grant.
            Wire.frame("core.exec.stdout", 1, 0, new byte[] {(byte) 0x80}), Wire.SIGNAL_9, Wire.window(1, 1, 10));
        relay.send(nonsense.toArray(byte[][]::new));
        relay.send(Wire.STDOUT_HI, Wire.EXITED_0, Wire.EXITED_42, Wire.STDOUT_HI, Wire.EXITED_0);
        assertEquals(0, session.waitFor(ScriptedRelay.DEADLINE));
        assertEquals("hi\n", new String(session.stdout().readAllBytes()));
        // A round trip, after which everything has been looked at: the second terminal is for id 7, which is nobody's.
        final Task<ExecResult> next = Task.start(() -> client.exec("x"));
        relay.send(Wire.withId(Wire.EXITED_0, relay.start()));
        next.get();
        assertEquals(nonsense.size() + 3, client.ignoredFrames());
    }

    @Test
    void aTerminalFrameEndsItsSessionWhateverItSays() throws Exception {
        final ExecSession unknown = start();
        relay.send(Wire.frame("core.exec.evaporated", 1, Wire.TERMINAL, new byte[] {(byte) 0xA0}));
        assertThrows(ExecFailedException.class, () -> unknown.waitFor(ScriptedRelay.DEADLINE));
        final ExecSession undecodable = start();
        relay.send(Wire.hex("0000000600000002" + "01" + "ff"));
        assertThrows(ExecFailedException.class, () -> undecodable.waitFor(ScriptedRelay.DEADLINE));
        final ExecSession refused = start();
        final byte[] payload = Wire.concat(Wire.head(5, 2), Wire.text("kind"), Wire.text("invalid_payload"), Wire.text("message"),
            Wire.text("what is this?"));
        relay.send(Wire.frame("core.error", 3, Wire.TERMINAL, payload));
        final SandboxErrorException failure =
            assertThrows(SandboxErrorException.class, () -> refused.waitFor(ScriptedRelay.DEADLINE));
        assertTrue(failure.getMessage().contains("what is this?"), failure.getMessage());
    }

    private ExecSession start() throws Exception {
        final Task<ExecSession> starting = Task.start(() -> client.start(ExecOptions.command("x").build()));
        relay.start();
        return starting.get();
    }
}
