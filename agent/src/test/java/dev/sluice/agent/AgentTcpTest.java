package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.IdGrid;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.TcpConnect;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.protocol.WindowGrant;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections from inside the guest, to servers of this test on the loopback interface. */
class AgentTcpTest extends TcpFixture {
    private static Thread echo(final Socket socket) {
        return Thread.ofPlatform().name("test-echo").start(() -> {
            try {
                socket.getInputStream().transferTo(socket.getOutputStream());
                socket.shutdownOutput();
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"10000000, 65536", "20000000, 4194200", "200000, 100"})
    void bytesComeBackAsTheyWent(final int length, final int piece) throws Exception {
        final byte[] input = randomBytes(length);
        try (Socket socket = connect(1, 0)) {
            final Thread echo = echo(socket);
            final Thread sender = Thread.ofPlatform().name("test-sender").start(() -> {
                try {
                    for (int at = 0; at < length; at += piece) {
                        data(1, Arrays.copyOfRange(input, at, Math.min(length, at + piece)));
                    }
                    say(1, MessageType.TCP_EOF);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            final ByteArrayOutputStream output = new ByteArrayOutputStream();
            HostEnd.Received frame = next(1);
            while (frame.message() instanceof DataMessage data) {
                assertTrue(data.data().length() <= 65536);
                output.writeBytes(data.data().toByteArray());
                frame = next(1);
            }
            assertArrayEquals(input, output.toByteArray());
            assertEquals(MessageType.TCP_EOF, frame.message().type());
            assertEnds(1, MessageType.TCP_CLOSED);
            sender.join();
            echo.join();
        }
        assertEquals(2L * length, agent.count(AgentCounter.CONNECTION_BYTES));
        assertEquals(1, agent.count(AgentCounter.CONNECTIONS_ENDED));
    }

    @ParameterizedTest
    @CsvSource({"65536, 30000", "4000, 1000", "1048576, 65536", "300, 200"})
    void noByteIsSentThatTheWindowsDoNotCover(final int window, final int piece) throws Exception {
        final byte[] input = randomBytes(window < 1000 ? 20_000 : 3 * MEBIBYTE);
        agent = TestAgent.start(context -> context.input().window(64 * 1024));
        try (Socket socket = connect(1, window)) {
            final Thread echo = echo(socket);
            final ByteArrayOutputStream output = new ByteArrayOutputStream();
            long mayTake = window;
            long taken = 0;
            long maySend = 64 * 1024;
            int sent = 0;
            boolean ended = false;
            HostEnd.Received frame = null;
            while (frame == null || !frame.isTerminal()) {
                while (sent < input.length && DataFrame.dataLengthWithin(MessageType.TCP_DATA, maySend) > 0) {
                    final int room = DataFrame.dataLengthWithin(MessageType.TCP_DATA, maySend);
                    final int length = Math.min(Math.min(piece, input.length - sent), room);
                    data(1, Arrays.copyOfRange(input, sent, sent + length));
                    sent += length;
                    maySend -= HostEnd.wireLength(MessageType.TCP_DATA, length);
                }
                if (sent == input.length && !ended) {
                    ended = true;
                    say(1, MessageType.TCP_EOF);
                }
                frame = next(1);
                if (frame.message() instanceof WindowGrant grant) {
                    assertEquals(0, grant.stream());
                    maySend += grant.bytes();
                } else if (frame.message() instanceof DataMessage data) {
                    output.writeBytes(data.data().toByteArray());
                    mayTake -= frame.frameLength();
                    assertTrue(mayTake >= 0, "beyond the window");
                    taken += frame.frameLength();
                    if (taken * 2 >= window) {
                        mayTake += taken;
                        host().send(1, new WindowGrant(1, taken));
                        taken = 0;
                    }
                }
            }
            assertEquals(MessageType.TCP_CLOSED, frame.message().type());
            assertArrayEquals(input, output.toByteArray());
            echo.join();
        }
    }

    @Test
    void eachDirectionEndsForItself() throws Exception {
        try (Socket socket = connect(1, 0)) {
            say(1, MessageType.TCP_EOF);
            assertEquals(-1, socket.getInputStream().read());
            socket.getOutputStream().write("late".getBytes());
            assertEquals("late", next(1).as(DataMessage.class).data().toString());
            socket.shutdownOutput();
            assertEnds(1, MessageType.TCP_EOF, MessageType.TCP_CLOSED);
        }
        try (Socket socket = connect(2, 0)) {
            socket.shutdownOutput();
            assertEnds(2, MessageType.TCP_EOF);
            data(2, "late".getBytes());
            data(2);
            say(2, MessageType.TCP_EOF);
            assertEquals("late", new String(socket.getInputStream().readAllBytes()));
            assertEnds(2, MessageType.TCP_CLOSED);
        }
    }

    @Test
    void anEndIsToldWithoutAWindowLeft() throws Exception {
        try (Socket socket = connect(1, 50)) {
            socket.getOutputStream().write(new byte[1000]);
            int got = 0;
            got += next(1).as(DataMessage.class).data().length();
            assertNull(host().next(100_000_000));
            socket.shutdownOutput();
            assertNull(host().next(100_000_000));
            host().send(1, new WindowGrant(1, 1000 - got + HostEnd.wireLength(MessageType.TCP_DATA, 1000) - 1000));
            got += next(1).as(DataMessage.class).data().length();
            assertEquals(1000, got);
            assertEnds(1, MessageType.TCP_EOF);
            say(1, MessageType.TCP_EOF);
            assertEnds(1, MessageType.TCP_CLOSED);
        }
    }

    @Test
    void aResetIsAFailure() throws Exception {
        for (int id = 1; id <= 3; id++) {
            try (Socket socket = connect(id, id == 2 ? 50 : 0)) {
                if (id == 3) {
                    socket.shutdownOutput();
                    assertEnds(3, MessageType.TCP_EOF);
                }
                socket.setSoLinger(true, 0);
            }
            assertEquals(
                id == 3 ? "write TCP stream: Broken pipe (os error 32)" : "read TCP stream: Connection reset by peer (os error 104)",
                nextFailure(id));
        }
        assertEquals("pong", ping());
    }

    /** The other end has said all it had to say, and takes no more. */
    @Test
    void whatCameBeforeAFailureToWriteIsPassedOn() throws Exception {
        agent = TestAgent.start(context -> context.input().window(64 * 1024));
        final byte[] answer = randomBytes(100_000);
        try (Socket socket = connect(1, 1)) {
            socket.getOutputStream().write(answer);
            data(1, new byte[30_000]);
            assertEquals(0, socket.getInputStream().read());
        }
        host().send(1, new WindowGrant(1, MEBIBYTE));
        final ByteArrayOutputStream output = new ByteArrayOutputStream();
        HostEnd.Received frame = next(1);
        while (!frame.isTerminal()) {
            if (frame.message() instanceof DataMessage data) {
                output.writeBytes(data.data().toByteArray());
            }
            frame = next(1);
        }
        assertTrue(frame.as(TcpFailed.class).error().matches("(read|write) TCP stream: .*"), frame.toString());
        assertArrayEquals(answer, output.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {LOOPBACK, "localhost", "::1"})
    void aPortWhereNobodyListensIsRefused(final String host) throws Exception {
        final int port = server.getLocalPort();
        server.close();
        host().send(1, new TcpConnect(host, port));
        final String failure = nextFailure(1);
        // Without IPv6 there is no way to the address at all.
        assertTrue(failure.startsWith("connect " + host + ":" + port + ": ")
            && (failure.endsWith("Connection refused (os error 111)") || failure.contains("os error 9")), failure);
    }

    @Test
    void aNameIsResolvedAndItsAddressesAreTriedInTurn() throws Exception {
        host().send(1, new TcpConnect("localhost", server.getLocalPort()));
        data(1, "early".getBytes());
        say(1, MessageType.TCP_EOF);
        try (Socket socket = server.accept()) {
            assertEquals("early", new String(socket.getInputStream().readAllBytes()));
        }
        assertEnds(1, MessageType.TCP_CONNECTED, MessageType.TCP_EOF, MessageType.TCP_CLOSED);
    }

    /** With a label that no question to a name server can carry, so that none is asked. */
    @Test
    void aNameThatDoesNotExistIsAFailure() throws Exception {
        final String name = "x".repeat(64) + ".invalid";
        host().send(1, new TcpConnect(name, 80));
        assertEquals(
            "connect " + name + ":80: failed to lookup address information: Name or service not known", nextFailure(1));
        host().send(2, new TcpConnect("y".repeat(100_000), 80));
        assertTrue(nextFailure(2).startsWith("connect yyy"));
        // Not the loopback address, nor what is before the NUL.
        for (final String none : List.of("", LOOPBACK + "\0b", "\0")) {
            host().send(3, new TcpConnect(none, server.getLocalPort()));
            assertEquals(
                "connect " + none + ":" + server.getLocalPort() + ": failed to lookup address information: Name or service not known",
                nextFailure(3));
        }
    }

    /** One client has more names looked up at servers that do not answer than there are threads. */
    @Test
    void namesThatHangHoldUpTheirClientAlone() throws Exception {
        TestNames.hang();
        for (int id = 1; id <= 20; id++) {
            host().send(id, new TcpConnect(TestNames.hanging("name-" + id), 80));
        }
        TestNames.awaitBegun(2);
        final int other = (int) IdGrid.range(1).start();
        host().send(other, new TcpConnect("localhost", server.getLocalPort()));
        try (Socket socket = server.accept()) {
            assertEnds(other, MessageType.TCP_CONNECTED);
            assertEquals(2, TestNames.asked().size(), "names of one client at once");
            // Whose connection is given up is not asked for any more.
            for (int id = 1; id <= 19; id++) {
                say(id, MessageType.TCP_CLOSE);
                assertEnds(id, MessageType.TCP_CLOSED);
            }
            TestNames.answer();
            assertEquals(
                "connect name-20.hanging.test:80: failed to lookup address information: Name or service not known", nextFailure(20));
            assertEquals(List.of("name-1.hanging.test", "name-2.hanging.test", "name-20.hanging.test"),
                TestNames.asked().stream().sorted().toList());
            socket.shutdownOutput();
            assertEnds(other, MessageType.TCP_EOF);
        } finally {
            TestNames.answer();
        }
    }

    /** A listener whose queue is full answers nobody. */
    @Test
    void whoDoesNotAnswerInTimeIsAFailure() throws Exception {
        agent = TestAgent.start(context -> context.connections().connectDeadline(Duration.ofMillis(300)));
        final List<SocketChannel> queue = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName(LOOPBACK))) {
            for (int i = 0; i < 4; i++) {
                final SocketChannel channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(LOOPBACK, full.getLocalPort()));
                queue.add(channel);
            }
            host().send(1, new TcpConnect(LOOPBACK, full.getLocalPort()));
            data(1, (byte) 1);
            assertEquals("pong", ping());
            assertEquals("connect " + LOOPBACK + ":" + full.getLocalPort() + " timed out", nextFailure(1));
        } finally {
            for (final SocketChannel channel : queue) {
                channel.close();
            }
        }
    }

    @Test
    void dataForNobodyIsAFailureAndItsEndIsNot() throws Exception {
        say(54, MessageType.TCP_EOF);
        say(54, MessageType.TCP_CLOSE);
        data(54, (byte) 1);
        assertEquals("unknown TCP session: 54", nextFailure(54));
        host().exec(1, "cat");
        final HostEnd.Received started = next(1);
        data(1, (byte) 1);
        host().stdin(1);
        assertEquals(0, host().collect(1, started).exited().code());
    }

    @Test
    void aCloseIsAnswered() throws Exception {
        try (Socket socket = connect(1, 0)) {
            data(1, "x".getBytes());
            say(1, MessageType.TCP_CLOSE);
            assertEnds(1, MessageType.TCP_CLOSED);
            assertEquals("x", new String(socket.getInputStream().readAllBytes()));
            say(1, MessageType.TCP_CLOSE);
            data(1, "y".getBytes());
            assertEquals("unknown TCP session: 1", nextFailure(1));
        }
        try (Socket socket = connect(1, 0)) {
            socket.setReceiveBufferSize(4096);
            final int before = 6 * MEBIBYTE;
            for (int sent = 0; sent < before; sent += MEBIBYTE) {
                data(1, new byte[MEBIBYTE]);
            }
            say(1, MessageType.TCP_CLOSE);
            assertEnds(1, MessageType.TCP_CLOSED);
            assertThrows(SocketException.class, () -> socket.getInputStream().readAllBytes(), "a part must not pass for the whole");
        }
    }

    @Test
    void aConnectionThatDoesNotReadHoldsNobodyUpForEver() throws Exception {
        agent = TestAgent.start(context -> context.connections().stallLimit(Duration.ofMillis(300)));
        try (Socket socket = connect(1, 0)) {
            final Thread sender = Thread.ofPlatform().name("test-sender").start(() -> {
                try {
                    for (int i = 0; i < 32; i++) {
                        data(1, new byte[MEBIBYTE]);
                    }
                    host().send(2, new EmptyMessage(MessageType.PING));
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertEquals("write TCP stream: nothing has been read for 300 ms", nextFailure(1));
            HostEnd.Received frame = host().next();
            while (frame.id() == 1) {
                assertEquals("unknown TCP session: 1", frame.as(TcpFailed.class).error());
                frame = host().next();
            }
            assertEquals(MessageType.PONG, frame.message().type());
            sender.join();
            assertThrows(SocketException.class, () -> socket.getInputStream().readAllBytes());
        }
        assertEquals(1, agent.count(AgentCounter.STDIN_STALLS));
    }

    @Test
    void aClientThatSendsMoreThanItMayFails() throws Exception {
        agent = TestAgent.start(context -> context.input().window(64 * 1024));
        try (Socket socket = connect(1, MEBIBYTE)) {
            data(1, new byte[64 * 1024]);
            assertEquals("more data than the window allows", nextFailure(1));
            assertThrows(SocketException.class, () -> socket.getInputStream().readAllBytes());
        }
    }

    @Test
    void oneThatIsNotReadByItsClientWaitsAloneAndSlowReadersGetEveryByte() throws Exception {
        try (Socket idle = connect(1, 1000); Socket socket = connect(2, 0)) {
            idle.getOutputStream().write(new byte[5000]);
            assertEquals(1, host().next().id());
            final byte[] input = randomBytes(12 * MEBIBYTE);
            final Thread sender = Thread.ofPlatform().name("test-sender").start(() -> {
                try {
                    for (int at = 0; at < input.length; at += MEBIBYTE) {
                        data(2, Arrays.copyOfRange(input, at, at + MEBIBYTE));
                    }
                    say(2, MessageType.TCP_EOF);
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            final byte[] output = new byte[input.length];
            final InputStream stream = socket.getInputStream();
            int length = 0;
            while (length < output.length) {
                length += stream.read(output, length, Math.min(7000, output.length - length));
            }
            assertEquals(-1, stream.read());
            assertArrayEquals(input, output);
            sender.join();
        }
    }

    @Test
    void aClientThatLeavesTakesItsConnectionsAlong() throws Exception {
        try (Socket first = connect(5, 0); Socket second = connect(100, 0)) {
            host().send(0, new ClientDisconnected(1, 50));
            assertEnds(5, MessageType.TCP_CLOSED);
            assertThrows(SocketException.class, () -> first.getInputStream().read());
            second.getOutputStream().write('x');
            assertEquals("x", next(100).as(DataMessage.class).data().toString());
        }
    }

    @Test
    void thereAreNoMoreThanAreAllowed() throws Exception {
        agent = TestAgent.start(context -> context.connections().max(1));
        try (Socket socket = connect(1, 0)) {
            host().send(2, new TcpConnect(LOOPBACK, server.getLocalPort()));
            assertEquals(
                "connect " + LOOPBACK + ":" + server.getLocalPort() + ": too many connections at once: limit=1", nextFailure(2));
            say(1, MessageType.TCP_CLOSE);
            assertEnds(1, MessageType.TCP_CLOSED);
            assertEquals(-1, socket.getInputStream().read());
        }
        connect(3, 0).close();
    }

    @Test
    void theAgentsEndIsTheirEnd() throws Exception {
        try (Socket socket = connect(1, 0)) {
            agent.agent().shutdown();
            assertEnds(1, MessageType.TCP_CLOSED);
            assertEquals(AgentOutcome.STOPPED, agent.outcome());
            assertThrows(SocketException.class, () -> socket.getInputStream().read());
        }
        assertFalse(server.isClosed());
    }
}
