package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.FrameDescriptor;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RawMessagesTest {
    private static final Duration TIME = ScriptedRelay.DEADLINE;

    private ScriptedRelay relay;
    private SandboxClient client;

    @BeforeEach
    void connect() throws Exception {
        relay = new ScriptedRelay();
        client = relay.connect(Wire.concat(Wire.hex("0000000100000005"), Golden.old("core.ready")));
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        relay.close();
    }

    @Test
    void aRequestGoesOutAsItIsWhateverTheGeneration() throws Exception {
        final byte[] ping = Golden.frame("core.ping");
        final Task<RawMessage> asking = Task.start(() -> client.raw().request(0, body(ping), TIME));
        assertArrayEquals(ping, relay.receive());
        relay.send(Golden.frame("core.pong"));
        final RawMessage answer = asking.get();
        assertTrue(answer.isTerminal());
        assertArrayEquals(body(Golden.frame("core.pong")), answer.body());
        final Task<RawMessage> nonsense = Task.startVirtual(() -> client.raw().request(0x80, new byte[] {1, 2, 3}, TIME));
        assertArrayEquals(Wire.hex("000000080000000280010203"), relay.receive());
        relay.send(Wire.hex("00000005000000020f"));
        assertEquals(0x0F, nonsense.get().flags());
        assertEquals(0, nonsense.get().body().length);
    }

    @Test
    void aStreamIsReceivedToItsTerminalMessage() throws Exception {
        final byte[] request = Golden.frame("core.exec.request cwd null");
        final RawStream stream = client.raw().stream(FrameDescriptor.FLAG_SESSION_START, body(request), TIME);
        assertEquals(1, stream.id());
        assertArrayEquals(request, relay.receive());
        relay.send(Wire.STARTED_42);
        assertArrayEquals(body(Wire.STARTED_42), stream.receive(TIME).orElseThrow().body());
        stream.send(0, body(Wire.STDIN_EOF), TIME);
        assertArrayEquals(Wire.STDIN_EOF, relay.receive());
        relay.send(Wire.STDOUT_HI, Wire.EXITED_0, Wire.STDOUT_HI);
        assertArrayEquals(body(Wire.STDOUT_HI), stream.receive(TIME).orElseThrow().body());
        assertTrue(stream.receive(TIME).orElseThrow().isTerminal());
        assertTrue(stream.receive(TIME).isEmpty());
        assertThrows(InputClosedException.class, () -> stream.send(0, new byte[1], TIME));
        stream.close();
    }

    @Test
    void idsInUseArePassedOverAndNobodyHasMoreThanThereAre() throws Exception {
        final RawStream first = client.raw().stream(0, new byte[1], TIME);
        for (int i = 2; i <= 4; i++) {
            assertEquals(i, client.raw().stream(0, new byte[1], TIME).id());
        }
        final DeadlineExceededException none =
            assertThrows(DeadlineExceededException.class, () -> client.raw().stream(0, new byte[1], Duration.ofMillis(50)));
        assertEquals(Outcome.NOT_SENT, none.outcome());
        final Task<RawStream> waiting = Task.startVirtual(() -> client.raw().stream(0, new byte[1], TIME));
        final Task<RawStream> given = Task.start(() -> client.raw().stream(0, new byte[1], TIME));
        given.awaitWaiting();
        given.interrupt();
        assertThrows(InterruptedException.class, given::get);
        relay.send(Wire.hex("000000050000000301"));
        assertEquals(3, waiting.get().id());
        first.close();
        assertTrue(first.receive(TIME).isEmpty());
        // Closed, but not ended: its id is still in use.
        assertThrows(DeadlineExceededException.class, () -> client.raw().stream(0, new byte[1], Duration.ofMillis(50)));
    }

    @Test
    void whatNobodyReceivesIsBounded() throws Exception {
        final RawStream stream = client.raw().stream(0, new byte[1], TIME);
        final byte[] piece = Wire.data("core.exec.stdout", 1, new byte[100_000]);
        final Task<Void> flood = Task.start(() -> {
            for (int i = 0; i < 50; i++) {
                relay.send(piece);
            }
            relay.send(Wire.EXITED_0);
            return null;
        });
        while (stream.waiting() + piece.length <= RawQueue.CAPACITY) {
            Thread.onSpinWait();
        }
        assertFalse(flood.isDone());
        int received = 0;
        while (!stream.receive(TIME).orElseThrow().isTerminal()) {
            received++;
        }
        assertEquals(50, received);
        flood.get();
    }

    @Test
    void sendLeavesThisProcessBeforeItReturns() throws Exception {
        final byte[] request = Golden.frame("core.exec.request cwd null");
        final int id = client.raw().stream(FrameDescriptor.FLAG_SESSION_START, body(request), TIME).id();
        client.raw().send(id, 0, body(Wire.SIGNAL_9), TIME);
        client.raw().send(0, FrameDescriptor.FLAG_SHUTDOWN, body(Golden.old("shutdown empty p")), TIME);
        client.close();
        assertArrayEquals(Wire.withId(request, id), relay.receive());
        assertArrayEquals(Wire.withId(Wire.SIGNAL_9, id), relay.receive());
        assertArrayEquals(Golden.old("shutdown empty p"), relay.receive());
        assertThrows(ConnectionLostException.class, () -> client.raw().send(id, 0, new byte[0], TIME));
    }

    @Test
    void refusesWhatTheRelayWouldCloseTheConnectionFor() {
        final RawMessages raw = client.raw();
        assertThrows(IllegalArgumentException.class, () -> raw.send(5, 0, new byte[0], TIME));
        assertThrows(IllegalArgumentException.class, () -> raw.send(4, 0, new byte[0], TIME), "no session");
        assertThrows(IllegalArgumentException.class, () -> raw.send(0, 0, new byte[0], TIME));
        assertThrows(IllegalArgumentException.class, () -> raw.send(1, FrameDescriptor.FLAG_SHUTDOWN, new byte[0], TIME));
        assertThrows(IllegalArgumentException.class, () -> raw.request(FrameDescriptor.FLAG_SHUTDOWN, new byte[0], TIME));
        assertThrows(IllegalArgumentException.class, () -> raw.request(256, new byte[0], TIME));
        assertThrows(IllegalArgumentException.class, () -> raw.request(0, new byte[4 * 1024 * 1024 - 4], TIME));
    }

    private static byte[] body(final byte[] frame) {
        return Arrays.copyOfRange(frame, FrameDescriptor.HEADER_LENGTH, frame.length);
    }
}
