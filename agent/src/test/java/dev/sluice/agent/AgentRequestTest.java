package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.TcpConnect;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.protocol.Touched;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are no programs: every one has an answer that its sender can decode. */
class AgentRequestTest {
    private static final int SESSION_START = 2;

    private TestAgent agent;

    @BeforeEach
    void start() throws IOException {
        agent = TestAgent.start();
    }

    @AfterEach
    void end() throws IOException {
        agent.close();
    }

    private HostEnd.Received answerTo(final int id, final Message request) throws IOException {
        agent.host().send(id, request);
        final HostEnd.Received answer = agent.host().next();
        assertEquals(id, answer.id());
        assertTrue(answer.isTerminal(), "the relay is to forget the request");
        return answer;
    }

    /** {v, t, p: {}} as the protocol has it. */
    private static byte[] frame(final int id, final int flags, final int version, final String type) {
        final byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        final ByteBuffer frame = ByteBuffer.allocate(9 + 4 + 2 + 2 + name.length + 2 + 2);
        frame.putInt(frame.capacity() - 4).putInt(id).put((byte) flags);
        frame.put((byte) 0xA3).put((byte) 0x61).put((byte) 'v').put((byte) version);
        frame.put((byte) 0x61).put((byte) 't').put((byte) 0x78).put((byte) name.length).put(name);
        return frame.put((byte) 0x61).put((byte) 'p').put((byte) 0x41).put((byte) 0xA0).array();
    }

    @Test
    void connectionsAreRefused() throws IOException {
        final TcpFailed failed = answerTo(5, new TcpConnect("localhost", 80)).as(TcpFailed.class);
        assertTrue(failed.error().contains("not supported"), failed.error());
    }

    @Test
    void aPingIsAnswered() throws IOException {
        assertEquals(new EmptyMessage(MessageType.PONG), answerTo(5, new EmptyMessage(MessageType.PING)).message());
    }

    @Test
    void aTouchIsActivityAndAPingIsNot() throws IOException {
        final long first = answerTo(1, new EmptyMessage(MessageType.TOUCH)).as(Touched.class).activitySeq();
        answerTo(2, new EmptyMessage(MessageType.PING));
        agent.host().sendRaw(frame(4, SESSION_START, 7, "core.new.thing"));
        agent.host().next();
        assertEquals(first + 2, answerTo(3, new EmptyMessage(MessageType.TOUCH)).as(Touched.class).activitySeq());
        agent.host().run(9, HostEnd.request("echo", "hi"));
        assertTrue(answerTo(3, new EmptyMessage(MessageType.TOUCH)).as(Touched.class).activitySeq() > first + 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 7, 9})
    void anUnknownRequestIsRefusedToThoseWhoKnowHow(final int version) throws IOException {
        agent.host().sendRaw(frame(7, SESSION_START, version, "core.new.thing"));
        final HostEnd.Received answer = agent.host().next();
        assertEquals(7, answer.id());
        assertTrue(answer.isTerminal());
        assertEquals(CoreError.Kind.UNSUPPORTED_MESSAGE_TYPE, answer.as(CoreError.class).kind());
        assertEquals("core.new.thing", answer.as(CoreError.class).offendingType());
    }

    @Test
    void whatOnlyAnAgentSendsIsNoRequest() throws IOException {
        agent.host().sendRaw(frame(7, SESSION_START, 7, "core.exec.started"));
        assertEquals("core.exec.started", agent.host().next().as(CoreError.class).offendingType());
    }

    /** To a relay, which goes by flags, such a program would be nobody's. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 6, 130})
    void aProgramIsNotStartedByAFrameWithOtherFlags(final int flags) throws Exception {
        final byte[] request = Frames.encode(7, 7, HostEnd.request("echo", "hi").build());
        request[8] = (byte) flags;
        agent.host().sendRaw(request);
        final HostEnd.Received answer = agent.host().next();
        assertEquals(7, answer.id());
        assertEquals(CoreError.Kind.INVALID_FLAGS, answer.as(CoreError.class).kind());
        assertEquals("core.exec.request", answer.as(CoreError.class).offendingType());
        assertEquals(0, agent.count(AgentCounter.SESSIONS_REQUESTED));
        assertEquals("hi\n", agent.host().run(7, HostEnd.request("echo", "hi")).out());
    }

    @Test
    void aRequestThatCannotBeDecodedIsRefused() throws IOException {
        final byte[] ping = frame(7, 0, 7, "core.ping");
        ping[ping.length - 1] = 0x01;
        agent.host().sendRaw(ping);
        assertEquals(CoreError.Kind.INVALID_PAYLOAD, agent.host().next().as(CoreError.class).kind());
    }

    @Test
    void nothingIsSaidWhereItWouldNotBeUnderstoodOrNobodyAsked() throws Exception {
        agent.host().sendRaw(frame(1, SESSION_START, 4, "core.new.thing"));
        agent.host().sendRaw(frame(2, 0, 7, "core.new.thing"));
        agent.host().sendRaw(frame(0, SESSION_START, 7, "core.new.thing"));
        agent.host().sendRaw(frame(0, 0, 7, "core.ping"));
        agent.host().sendRaw(Frames.encode(7, 3, new EmptyMessage(MessageType.TCP_CLOSE)));
        assertEquals(4, answerTo(4, new EmptyMessage(MessageType.PING)).id());
        assertEquals(3, agent.count(AgentCounter.FRAMES_UNKNOWN_TYPE));
        assertEquals(1, agent.count(AgentCounter.FRAMES_UNSERVED));
    }

    @Test
    void aRequestWithTheIdOfAProgramDoesNotEndIt() throws Exception {
        agent.host().exec(1, "cat");
        final HostEnd.Received started = agent.host().next();
        agent.host().send(1, new TcpConnect("localhost", 80));
        agent.host().sendRaw(frame(1, SESSION_START, 7, "core.new.thing"));
        agent.host().stdin(1, (byte) 'x');
        agent.host().stdin(1);
        assertEquals("x", agent.host().collect(1, started).out());
        assertEquals(2, agent.count(AgentCounter.REQUESTS_ID_IN_USE));
    }

    @Test
    void aTypeOfAnyLengthIsRefused() throws IOException {
        agent.host().sendRaw(frame(7, SESSION_START, 7, "x".repeat(255)));
        assertTrue(agent.host().next().as(CoreError.class).offendingType().startsWith("x".repeat(100)));
        final byte[] body = ("\u00a3av\u0007aty\u00ff\u00ff" + "\u00e9".repeat(0xFFFF) + "apA\u00a0").getBytes(StandardCharsets.ISO_8859_1);
        agent.host().sendRaw(ByteBuffer.allocate(9 + body.length).putInt(5 + body.length).putInt(8).put((byte) 2).put(body).array());
        assertEquals(CoreError.Kind.UNSUPPORTED_MESSAGE_TYPE, agent.host().next().as(CoreError.class).kind());
    }
}
