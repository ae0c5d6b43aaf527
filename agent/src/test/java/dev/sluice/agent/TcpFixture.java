package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.TcpConnect;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An agent, and a server that does not read by itself for it to connect to. */
abstract class TcpFixture {
    static final int MEBIBYTE = 1024 * 1024;
    static final int LIMIT_MS = 30_000;
    static final String LOOPBACK = "127.0.0.1";

    TestAgent agent;
    ServerSocket server;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getByName(LOOPBACK));
        server.setSoTimeout(LIMIT_MS);
        // What is not read is to stay with the agent.
        server.setReceiveBufferSize(4096);
    }

    @AfterEach
    void end() throws IOException {
        if (agent != null) {
            agent.close();
        }
        server.close();
    }

    HostEnd host() throws IOException {
        if (agent == null) {
            agent = TestAgent.start();
        }
        return agent.host();
    }

    /** @return the server's end of the connection with that id, which the agent has said stands */
    Socket connect(final int id, final long window) throws IOException {
        host().send(id, new TcpConnect(LOOPBACK, server.getLocalPort(), window));
        final Socket socket = server.accept();
        socket.setSoTimeout(LIMIT_MS);
        assertEquals(MessageType.TCP_CONNECTED, next(id).message().type());
        return socket;
    }

    HostEnd.Received next(final int id) throws IOException {
        final HostEnd.Received frame = host().next();
        assertEquals(id, frame.id(), frame.toString());
        return frame;
    }

    String nextFailure(final int id) throws IOException {
        final HostEnd.Received frame = next(id);
        assertTrue(frame.isTerminal());
        return frame.as(TcpFailed.class).error();
    }

    void assertEnds(final int id, final MessageType... types) throws IOException {
        for (final MessageType type : types) {
            assertEquals(type, next(id).message().type());
        }
    }

    void data(final int id, final byte... bytes) throws IOException {
        host().send(id, new DataMessage(MessageType.TCP_DATA, ByteString.copyOf(bytes)));
    }

    void say(final int id, final MessageType type) throws IOException {
        host().send(id, new EmptyMessage(type));
    }

    static byte[] randomBytes(final int length) {
        final byte[] bytes = new byte[length];
        new Random(Seeds.next("data")).nextBytes(bytes);
        return bytes;
    }

    String ping() throws IOException {
        host().send(1000, new EmptyMessage(MessageType.PING));
        assertEquals(MessageType.PONG, next(1000).message().type());
        return "pong";
    }
}
