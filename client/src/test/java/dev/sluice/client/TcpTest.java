package dev.sluice.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections from inside the sandbox, with an agent of generation 7, against golden frames. */
class TcpTest {
    private ScriptedRelay relay;
    private SandboxClient client;

    @BeforeEach
    void connect() throws Exception {
        relay = new ScriptedRelay();
        client = relay.connect(FileWire.GREETING_7);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        relay.close();
    }

    @Test
    void eachDirectionEndsByItself() throws Exception {
        final TcpStream stream = open();
        stream.outputStream().write("ping\n".getBytes());
        assertArrayEquals(Wire.withId(FileWire.TCP_PING, 1), relay.receive());
        stream.shutdownOutput();
        assertArrayEquals(Wire.withId(FileWire.TCP_EOF, 1), relay.receive());
        assertThrows(InputClosedException.class, () -> stream.outputStream().write(1));
        relay.send(Wire.withId(FileWire.TCP_HELLO, 1));
        assertEquals("hello", new String(stream.inputStream().readNBytes(5)));
        relay.send(Wire.withId(FileWire.TCP_EOF, 1));
        assertEquals(-1, stream.inputStream().read());
        stream.close();
        assertArrayEquals(Wire.withId(FileWire.TCP_CLOSE, 1), relay.receive());
    }

    @Test
    void theOtherEndMayEndFirst() throws Exception {
        final TcpStream stream = open();
        relay.send(Wire.withId(FileWire.TCP_HELLO, 1), Wire.withId(FileWire.TCP_EOF, 1));
        assertEquals("hello", new String(stream.inputStream().readAllBytes()));
        stream.outputStream().write("ping\n".getBytes());
        assertArrayEquals(Wire.withId(FileWire.TCP_PING, 1), relay.receive());
        stream.close();
    }

    @Test
    void itsEndCanBeWaitedFor() throws Exception {
        final TcpStream stream = open();
        stream.shutdownOutput();
        assertArrayEquals(Wire.withId(FileWire.TCP_EOF, 1), relay.receive());
        relay.send(Wire.withId(FileWire.TCP_HELLO, 1), Wire.withId(FileWire.TCP_EOF, 1));
        assertEquals(5, stream.inputStream().readNBytes(5).length);
        // Both ends are known, and not yet whether what was written has arrived.
        assertFalse(stream.awaitClosed(Duration.ofMillis(50)));
        final Task<Boolean> waiting = Task.startVirtual(() -> stream.awaitClosed(ScriptedRelay.DEADLINE));
        relay.send(Wire.withId(FileWire.TCP_CLOSED, 1));
        assertTrue(waiting.get());
        assertTrue(stream.awaitClosed(Duration.ZERO));
        stream.close();
        assertTrue(stream.awaitClosed(Duration.ZERO));
    }

    @Test
    void anEndThatIsNotOfBothDirectionsIsAFailure() throws Exception {
        final TcpStream half = open();
        relay.send(Wire.withId(FileWire.TCP_EOF, 1), Wire.withId(FileWire.TCP_CLOSED, 1));
        assertEquals(-1, half.inputStream().read());
        assertThrows(TcpFailedException.class, () -> half.awaitClosed(ScriptedRelay.DEADLINE));
    }

    @Test
    void whatEndsAConnectionEndsTheWaitForItsEnd() throws Exception {
        final TcpStream stream = open();
        stream.shutdownOutput();
        relay.receive();
        relay.send(Wire.withId(FileWire.TCP_EOF, 1));
        assertEquals(-1, stream.inputStream().read());
        final Task<Boolean> waiting = Task.start(() -> stream.awaitClosed(ScriptedRelay.DEADLINE));
        stream.close();
        assertThrows(TcpFailedException.class, waiting::get);
        relay.receive();
        // Says that the connection is gone, not that its peer has everything.
        relay.send(Wire.withId(FileWire.TCP_CLOSED, 1));
        final Task<Boolean> lost = Task.start(() -> openSecond().awaitClosed(ScriptedRelay.DEADLINE));
        relay.receive();
        relay.send(Wire.withId(FileWire.TCP_CONNECTED, 2));
        assertArrayEquals(Wire.withId(FileWire.TCP_EOF, 2), relay.receive());
        relay.send(Wire.withId(FileWire.TCP_EOF, 2));
        relay.closePeer();
        assertThrows(ConnectionLostException.class, lost::get);
        assertThrows(TcpFailedException.class, () -> stream.awaitClosed(Duration.ZERO));
    }

    private TcpStream openSecond() throws Exception {
        final TcpStream stream = client.connectTcp("127.0.0.1", 9000, ScriptedRelay.DEADLINE);
        stream.shutdownOutput();
        return stream;
    }

    @Test
    void aConnectionThatBreaksIsAFailureForReaderAndWriter() throws Exception {
        final TcpStream stream = open();
        relay.send(Wire.withId(FileWire.TCP_HELLO, 1));
        final byte[] payload = Wire.concat(Wire.head(5, 1), Wire.text("error"),
            Wire.text("read TCP stream: Connection reset by peer (os error 104)"));
        relay.send(Wire.frame("core.tcp.failed", 1, Wire.TERMINAL, payload));
        assertEquals("hello", new String(stream.inputStream().readNBytes(5)));
        final TcpFailedException failure = assertThrows(TcpFailedException.class, () -> stream.inputStream().read());
        assertEquals("127.0.0.1", failure.host());
        assertEquals(9000, failure.port());
        assertThrows(TcpFailedException.class, () -> stream.outputStream().write(new byte[1]));
        stream.close();
    }

    @Test
    void aConnectionThatIsClosedUnderTheReaderIsAFailure() throws Exception {
        final TcpStream stream = open();
        final Task<Integer> reading = Task.startVirtual(() -> stream.inputStream().read());
        relay.send(Wire.withId(FileWire.TCP_CLOSED, 1));
        assertThrows(TcpFailedException.class, reading::get);
        stream.close();
    }

    @Test
    void oneThatDoesNotComeAboutIsTyped() throws Exception {
        final Task<TcpStream> connecting = Task.start(() -> client.connectTcp("127.0.0.1", 9000, ScriptedRelay.DEADLINE));
        relay.receive();
        final byte[] payload = Wire.concat(Wire.head(5, 1), Wire.text("error"),
            Wire.text("connect 127.0.0.1:9000: Connection refused (os error 111)"));
        relay.send(Wire.frame("core.tcp.failed", 1, Wire.TERMINAL, payload));
        final TcpFailedException failure = assertThrows(TcpFailedException.class, connecting::get);
        assertEquals("ECONNREFUSED", failure.errnoName());
    }

    @Test
    void oneThatIsNotAnsweredEndsAtItsDeadlineAndIsClosed() throws Exception {
        assertThrows(DeadlineExceededException.class, () -> client.connectTcp("127.0.0.1", 9000, Duration.ofMillis(100)));
        assertArrayEquals(Wire.withId(FileWire.TCP_CONNECT_9000, 1), relay.receive());
        assertArrayEquals(Wire.withId(FileWire.TCP_CLOSE, 1), relay.receive());
    }

    @Test
    void anAgentWithWindowsIsSentNoMoreThanItGrants() throws Exception {
        try (ScriptedRelay windowed = new ScriptedRelay();
            SandboxClient other = windowed.connect(FileWire.greetingWithWindow(8 * 1024))) {
            final Task<TcpStream> connecting = Task.start(() -> other.connectTcp("127.0.0.1", 9000, ScriptedRelay.DEADLINE));
            assertEquals(ReceiveBudget.INITIAL_WINDOW, Wire.number(windowed.receive(), "sluice_window"));
            windowed.send(Wire.withId(FileWire.TCP_CONNECTED, 1));
            final TcpStream stream = connecting.get();
            final Task<Void> writing = Task.startVirtual(() -> {
                stream.outputStream().write(new byte[20_000]);
                stream.shutdownOutput();
                return null;
            });
            int budget = 8 * 1024;
            int received = 0;
            while (received < 20_000) {
                final byte[] frame = windowed.receive();
                budget -= frame.length;
                received += Wire.dataOf(frame).length;
                assertEquals(true, budget >= 0, "left of the window: " + budget);
                if (budget < 1000 && received < 20_000) {
                    windowed.send(Wire.window(1, 0, 4000));
                    budget += 4000;
                }
            }
            assertArrayEquals(Wire.withId(FileWire.TCP_EOF, 1), windowed.receive());
            writing.get();
            stream.close();
            assertArrayEquals(Wire.withId(FileWire.TCP_CLOSE, 1), windowed.receive());
            // Its id is in use until the agent has answered.
            windowed.send(Wire.withId(FileWire.TCP_HELLO, 1), Wire.withId(FileWire.TCP_CLOSED, 1));
            final Task<TcpStream> next = Task.start(() -> other.connectTcp("127.0.0.1", 9000, ScriptedRelay.DEADLINE));
            windowed.receive();
            windowed.send(Wire.withId(FileWire.TCP_FAILED, 2));
            assertThrows(TcpFailedException.class, next::get);
            assertEquals(0, other.ignoredFrames());
        }
    }

    private TcpStream open() throws Exception {
        final Task<TcpStream> connecting = Task.start(() -> client.connectTcp("127.0.0.1", 9000, ScriptedRelay.DEADLINE));
        assertArrayEquals(Wire.withId(FileWire.TCP_CONNECT_9000, 1), relay.receive());
        relay.send(Wire.withId(FileWire.TCP_CONNECTED, 1));
        return connecting.get();
    }
}
