package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that streams, with an agent that knows no windows. */
class StreamingTest {
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
    void startsWritesReadsSignalsAndEnds() throws Exception {
        try (ExecSession session = start()) {
            assertEquals(42, session.pid());
            assertEquals(OptionalInt.empty(), session.exitCode());
            session.stdin().write("hi\n".getBytes(StandardCharsets.UTF_8));
            session.stdin().write('!');
            assertArrayEquals(Wire.data("core.exec.stdin", 1, (byte) 'h', (byte) 'i', (byte) '\n'), relay.receive());
            assertArrayEquals(Wire.data("core.exec.stdin", 1, (byte) '!'), relay.receive());
            session.stdin().close();
            session.stdin().close();
            assertArrayEquals(Wire.STDIN_EOF, relay.receive());
            assertThrows(InputClosedException.class, () -> session.stdin().write(1));
            session.signal(9);
            assertArrayEquals(Wire.SIGNAL_9, relay.receive());
            relay.send(Wire.STDOUT_HI, Wire.data("core.exec.stderr", 1, (byte) 'e'));
            assertEquals('h', session.stdout().read());
            assertEquals('e', session.stderr().read());
            assertThrows(DeadlineExceededException.class, () -> session.waitFor(Duration.ofMillis(1)));
            relay.send(Wire.withId(Wire.EXITED_42, 1));
            assertEquals(42, session.waitFor(ScriptedRelay.DEADLINE));
            assertEquals(OptionalInt.of(42), session.exitCode());
            assertArrayEquals(new byte[] {'i', '\n'}, session.stdout().readAllBytes());
            assertEquals(-1, session.stdout().read());
            assertEquals(-1, session.stderr().read());
            session.signal(9);
        }
        // The signal to an ended program was not sent, nor does closing the session kill it: the next thing to arrive is a request.
        final Task<ExecSession> next = Task.start(() -> client.start(ExecOptions.command("y").build()));
        assertEquals("core.exec.request", Wire.type(relay.receive()));
        relay.send(Wire.withId(Wire.STARTED_42, 2));
        next.get().close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65})
    void refusesSignalsThatAreNone(final int signal) throws Exception {
        try (ExecSession session = start()) {
            assertThrows(IllegalArgumentException.class, () -> session.signal(signal));
        }
    }

    @Test
    void aProgramThatClosesItsInputEndsTheWriter() throws Exception {
        try (ExecSession session = start()) {
            final byte[] payload = Wire.concat(Wire.head(5, 3), Wire.text("errno"), Wire.head(0, 32), Wire.text("errno_name"),
                Wire.text("EPIPE"), Wire.text("message"), Wire.text("broken pipe"));
            relay.send(Wire.frame("core.exec.stdin.error", 1, 0, payload), Wire.STDOUT_HI);
            assertEquals('h', session.stdout().read());
            assertThrows(InputClosedException.class, () -> session.stdin().write(1));
            session.stdin().close();
        }
        assertArrayEquals(Wire.SIGNAL_9, relay.receive());
    }

    @Test
    void aProgramThatHasEndedEndsTheWriter() throws Exception {
        try (ExecSession session = start()) {
            relay.send(Wire.EXITED_0);
            session.waitFor(ScriptedRelay.DEADLINE);
            assertThrows(InputClosedException.class, () -> session.stdin().write(1));
            session.stdin().close();
        }
    }

    @Test
    void closingKillsTheProgramAndItsIdIsFreeOnlyWhenItHasEnded() throws Exception {
        final ExecSession session = start();
        session.close();
        assertArrayEquals(Wire.SIGNAL_9, relay.receive());
        assertEquals(-1, session.stdout().read());
        relay.send(Wire.STDOUT_HI, Wire.withId(Wire.EXITED_42, 1));
        assertEquals(42, session.waitFor(ScriptedRelay.DEADLINE));
        assertEquals(0, client.ignoredFrames());
    }

    @Test
    void c7_interruptedReadersAndWaitersLeaveSessionAndConnectionUnharmed() throws Exception {
        try (ExecSession session = start()) {
            final Task<Integer> reader = Task.start(() -> {
                final int value = assertThrows(InterruptedIOException.class, () -> session.stdout().read()).hashCode();
                assertTrue(Thread.interrupted(), "the thread stays interrupted");
                return value;
            });
            final Task<Integer> waiter = Task.start(() -> session.waitFor(ScriptedRelay.DEADLINE));
            reader.awaitWaiting();
            waiter.awaitWaiting();
            reader.interrupt();
            waiter.interrupt();
            reader.get();
            assertThrows(InterruptedException.class, waiter::get);
            relay.send(Wire.STDOUT_HI, Wire.EXITED_0);
            assertEquals("hi\n", new String(session.stdout().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void c7_anInterruptedWriterLeavesAWholeFrameBehind() throws Exception {
        try (ExecSession session = start()) {
            final Task<Long> writer = Task.start(() -> {
                long written = 0;
                while (!Thread.currentThread().isInterrupted()) {
                    try {
                        session.stdin().write(new byte[10_000]);
                        written += 10_000;
                    } catch (final InterruptedIOException e) {
                        return written;
                    }
                }
                return written;
            });
            writer.awaitWaiting();
            writer.interrupt();
            Task.start(() -> {
                // Whatever has been queued comes first, in whole frames.
                session.stdin().close();
                return null;
            });
            long received = 0;
            int length = Wire.dataOf(relay.receive()).length;
            while (length > 0) {
                received += length;
                length = Wire.dataOf(relay.receive()).length;
            }
            assertTrue(received >= writer.get() && received < writer.get() + 10_000, received + " of " + writer.get());
        }
    }

    @Test
    void manySessionsAreKeptApart() throws Exception {
        final ExecSession first = start();
        final ExecSession second = start();
        relay.send(Wire.data("core.exec.stdout", 2, (byte) '2'), Wire.data("core.exec.stdout", 1, (byte) '1'),
            Wire.withId(Wire.EXITED_42, 2), Wire.withId(Wire.EXITED_0, 1));
        assertEquals(0, first.waitFor(ScriptedRelay.DEADLINE));
        assertEquals(42, second.waitFor(ScriptedRelay.DEADLINE));
        assertEquals('1', first.stdout().read());
        assertEquals('2', second.stdout().read());
    }

    @Test
    void idsComeRoundAndPassOverThoseInFlight() throws Exception {
        client.close();
        relay.closePeer();
        // Ids 1 to 4.
        try (SandboxClient few = relay.connect(Wire.concat(Wire.hex("0000000100000005"), Wire.READY))) {
            final Task<ExecSession> starting = Task.start(() -> few.start(ExecOptions.command("stays").build()));
            assertEquals(1, relay.start());
            final ExecSession stays = starting.get();
            for (final int expected : new int[] {2, 3, 4, 2, 3, 4, 2}) {
                final Task<ExecResult> passing = Task.start(() -> few.exec("passes"));
                final int id = Wire.id(relay.receive("core.exec.request"));
                assertEquals(expected, id);
                relay.send(Wire.withId(Wire.EXITED_0, id));
                passing.get();
            }
            relay.send(Wire.EXITED_0);
            assertEquals(0, stays.waitFor(ScriptedRelay.DEADLINE));
        }
    }

    @Test
    void anUnreadStreamHoldsUpTheConnectionOnlyAtItsLimitAndLosesNothing() throws Exception {
        final ExecSession flooded = start();
        final byte[] piece = new byte[64 * 1024];
        final Task<Void> flood = Task.start(() -> {
            for (int i = 0; i < 64; i++) {
                Arrays.fill(piece, (byte) i);
                relay.send(Wire.data("core.exec.stdout", 1, piece));
            }
            relay.send(Wire.EXITED_0);
            return null;
        });
        while (flooded.stdout().available() + piece.length <= StreamedOutput.CAPACITY) {
            Thread.onSpinWait();
        }
        assertFalse(flood.isDone());
        final byte[] received = flooded.stdout().readAllBytes();
        assertEquals(64 * piece.length, received.length);
        for (int i = 0; i < received.length; i++) {
            assertEquals(i / piece.length, received[i]);
        }
        flood.get();
        assertEquals(0, flooded.waitFor(ScriptedRelay.DEADLINE));
    }

    @Test
    void anUnreadStreamThatIsClosedHoldsUpNobody() throws Exception {
        final ExecSession flooded = start();
        flooded.stdout().close();
        for (int i = 0; i < 64; i++) {
            relay.send(Wire.data("core.exec.stdout", 1, new byte[64 * 1024]));
        }
        relay.send(Wire.EXITED_0);
        assertEquals(0, flooded.waitFor(ScriptedRelay.DEADLINE));
    }

    @Test
    void takesFramesOfFourMegabytes() throws Exception {
        final ExecSession session = start();
        final byte[] large = new byte[4_194_258];
        Arrays.fill(large, (byte) 'x');
        relay.send(Wire.data("core.exec.stdout", 1, large), Wire.EXITED_0);
        assertArrayEquals(large, session.stdout().readAllBytes());
    }

    private ExecSession start() throws Exception {
        final Task<ExecSession> starting = Task.start(() -> client.start(ExecOptions.command("x").build()));
        relay.start();
        return starting.get();
    }
}
