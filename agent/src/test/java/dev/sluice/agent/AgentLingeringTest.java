package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.TcpConnect;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of what a client sent before it ended its stream of a connection and went. */
class AgentLingeringTest extends TcpFixture {
    /** As a client may that does not wait for the other end: other agents would lose what is still queued. */
    @ParameterizedTest
    @ValueSource(strings = {"close", "leave"})
    void whatCameBeforeTheEndArrivesThoughItsClientIsGone(final String departure) throws Exception {
        final byte[] input = randomBytes(6 * MEBIBYTE);
        try (Socket socket = connect(5, 0)) {
            // Unread and late data of the other end would make the kernel reset a socket that is closed.
            socket.getOutputStream().write(new byte[1000]);
            assertEquals(1000, next(5).as(DataMessage.class).data().length());
            sendAndGo(5, input, departure);
            assertEnds(5, MessageType.TCP_CLOSED);
            assertEquals("pong", ping());
            socket.getOutputStream().write(new byte[100_000]);
            assertArrayEquals(input, socket.getInputStream().readAllBytes());
            socket.getOutputStream().write(new byte[100_000]);
        }
        assertEquals(0, agent.count(AgentCounter.CONNECTIONS));
    }

    /** It has nothing to say to the host, and so nothing to wait for. */
    @ParameterizedTest
    @ValueSource(strings = {"close", "leave"})
    void theRestArrivesThoughThePortTakesNothing(final String departure) throws Exception {
        final byte[] input = randomBytes(6 * MEBIBYTE);
        try (Socket socket = connect(5, 0)) {
            fillPort();
            sendAndGo(5, input, departure);
            assertArrayEquals(input, socket.getInputStream().readAllBytes());
        }
    }

    /** Nothing is read from now on: it stays full. */
    private void fillPort() throws Exception {
        host().exec(200, "cat", "/dev/zero");
        final long end = System.nanoTime() + LIMIT_MS * 1_000_000L;
        while (agent.count(AgentCounter.PORT_FULL) == 0) {
            assertTrue(System.nanoTime() < end, "the port takes everything");
            Thread.sleep(5);
        }
    }

    private void sendAndGo(final int id, final byte[] input, final String departure) throws IOException {
        for (int at = 0; at < input.length; at += MEBIBYTE) {
            data(id, Arrays.copyOfRange(input, at, Math.min(input.length, at + MEBIBYTE)));
        }
        say(id, MessageType.TCP_EOF);
        if ("leave".equals(departure)) {
            host().send(0, new ClientDisconnected(1, 50));
        } else {
            say(id, MessageType.TCP_CLOSE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoDoesNotTakeTheRestInTimeIsReset(final boolean portIsFull) throws Exception {
        agent = TestAgent.start(context -> context.connections().lingerLimit(Duration.ofMillis(300)));
        try (Socket socket = connect(1, 0)) {
            if (portIsFull) {
                fillPort();
            }
            sendAndGo(1, new byte[6 * MEBIBYTE], "close");
            if (!portIsFull) {
                assertEnds(1, MessageType.TCP_CLOSED);
            }
            awaitReset(socket);
        }
    }

    /** Reading would take what is to stay where it is. */
    private static void awaitReset(final Socket socket) throws Exception {
        final long end = System.nanoTime() + LIMIT_MS * 1_000_000L;
        try {
            while (System.nanoTime() < end) {
                socket.getOutputStream().write(0);
                Thread.sleep(10);
            }
        } catch (final SocketException e) {
            return;
        }
        throw new AssertionError("no reset");
    }

    @Test
    void whoLingersMakesRoomForNewConnections() throws Exception {
        agent = TestAgent.start(context -> context.connections().max(1));
        try (Socket first = connect(1, 0)) {
            sendAndGo(1, new byte[6 * MEBIBYTE], "close");
            assertEnds(1, MessageType.TCP_CLOSED);
            try (Socket second = connect(2, 0)) {
                assertThrows(SocketException.class, () -> first.getInputStream().readAllBytes());
                second.getOutputStream().write('x');
                assertEquals("x", next(2).as(DataMessage.class).data().toString());
            }
        }
    }

    @Test
    void thoseOfTheClientThatHasTheMostMakeRoomFirst() throws Exception {
        agent = TestAgent.start(context -> context.connections().max(3));
        final int other = (int) IdGrid.range(1).start();
        try (Socket oldest = connect(other, 0); Socket first = connect(1, 0); Socket second = connect(2, 0)) {
            for (final int id : new int[] {other, 1, 2}) {
                sendAndGo(id, new byte[1000], "close");
                assertEnds(id, MessageType.TCP_CLOSED);
            }
            try (Socket added = connect(3, 0)) {
                awaitReset(first);
                oldest.getOutputStream().write('x');
                second.getOutputStream().write('x');
                assertEquals(1000, oldest.getInputStream().readAllBytes().length);
                assertEquals(1000, second.getInputStream().readAllBytes().length);
                assertTrue(added.isConnected());
            }
        }
    }

    /** Memory is for those who are still there: of the others, those have to go who hold some. */
    @Test
    void whoLingersMakesRoomInMemory() throws Exception {
        agent = TestAgent.start(context -> context.input().memoryLimit(context.input().limit()));
        try (Socket idle = connect(3, 0); Socket first = connect(1, 0); Socket second = connect(2, 0)) {
            sendAndGo(3, new byte[1000], "close");
            assertEnds(3, MessageType.TCP_CLOSED);
            sendAndGo(1, new byte[6 * MEBIBYTE], "close");
            assertEnds(1, MessageType.TCP_CLOSED);
            final byte[] input = randomBytes(16 * MEBIBYTE);
            final Thread sender = Thread.ofPlatform().name("test-sender").start(() -> {
                try {
                    sendAndGo(2, input, "close");
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            awaitReset(first);
            assertArrayEquals(input, second.getInputStream().readAllBytes());
            sender.join();
            assertEnds(2, MessageType.TCP_CLOSED);
            idle.getOutputStream().write('x');
            assertEquals(1000, idle.getInputStream().readAllBytes().length);
        }
    }

    @Test
    void whoHasAWindowTakesNobodysMemory() throws Exception {
        agent = TestAgent.start(context ->
            context.input().window(InputOptions.WINDOW_MAX).limit(InputOptions.LIMIT_MIN).memoryLimit(InputOptions.LIMIT_MIN));
        final byte[] input = randomBytes(12 * MEBIBYTE);
        try (Socket first = connect(1, MEBIBYTE); Socket second = connect(2, MEBIBYTE)) {
            sendAndGo(1, input, "close");
            for (int sent = 0; sent < input.length; sent += MEBIBYTE) {
                data(2, new byte[MEBIBYTE]);
            }
            awaitPong();
            assertArrayEquals(input, first.getInputStream().readAllBytes());
            assertTrue(second.isConnected());
        }
    }

    /** A client that does not await the answer is not to believe that anybody has got what it sent. */
    @Test
    void aCloseBeforeTheConnectionStandsIsAFailureOfWhatWasSent() throws Exception {
        TestNames.hang();
        try {
            final String host = TestNames.hanging("late");
            host().send(1, new TcpConnect(host, 80));
            sendAndGo(1, new byte[MEBIBYTE], "close");
            assertEquals("connect " + host + ":80: closed before the connection was made, what was sent is lost", nextFailure(1));
            host().send(2, new TcpConnect(host, 80));
            say(2, MessageType.TCP_CLOSE);
            assertEnds(2, MessageType.TCP_CLOSED);
        } finally {
            TestNames.answer();
        }
    }

    @Test
    void theAgentsEndWaitsForWhoTakesTheRest() throws Exception {
        agent = TestAgent.start(context -> context.shutdownGrace(Duration.ofMillis(LIMIT_MS)));
        final byte[] input = randomBytes(6 * MEBIBYTE);
        try (Socket socket = connect(1, 0)) {
            sendAndGo(1, input, "close");
            assertEnds(1, MessageType.TCP_CLOSED);
            agent.agent().shutdown();
            assertArrayEquals(input, socket.getInputStream().readAllBytes());
        }
        assertEquals(AgentOutcome.STOPPED, agent.outcome());
    }

    @Test
    void theAgentsEndDoesNotWaitForEver() throws Exception {
        agent = TestAgent.start(context -> context.shutdownGrace(Duration.ofMillis(300)));
        try (Socket socket = connect(1, 0)) {
            sendAndGo(1, new byte[6 * MEBIBYTE], "close");
            assertEnds(1, MessageType.TCP_CLOSED);
            agent.agent().shutdown();
            assertEquals(AgentOutcome.STOPPED, agent.outcome());
            awaitReset(socket);
        }
    }

    /** Grants of windows may come before it. */
    private void awaitPong() throws IOException {
        host().send(1000, new EmptyMessage(MessageType.PING));
        while (host().next().message().type() != MessageType.PONG) {
            continue;
        }
    }
}
