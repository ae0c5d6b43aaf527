package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.TcpConnect;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.protocol.Touched;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that become no session, and what cannot be served: every one has an answer that its sender can decode. */
class AgentRequestTest {
    private static final int SESSION_START = 2;
    private static final List<String> EXEC_FOLLOW_UPS = List.of("core.exec.stdin", "core.exec.signal", "core.exec.resize");

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

    private static byte[] withBadPayload(final byte[] frame) {
        frame[frame.length - 1] = 0x01;
        return frame;
    }

    private CoreError nextError(final int id) throws IOException {
        final HostEnd.Received answer = agent.host().next();
        assertEquals(id, answer.id());
        return answer.as(CoreError.class);
    }

    @ParameterizedTest
    @CsvSource({
        "core.ping, 0", "core.touch, 0", "core.exec.request, 2", "core.fs.request, 2", "core.tcp.connect, 2", "core.exec.stdin, 0",
        "core.exec.signal, 0", "core.exec.resize, 0", "core.tcp.data, 0", "core.tcp.eof, 0", "sluice.window, 0"})
    void whatCannotBeDecodedIsRefusedWithTheReason(final String type, final int flags) throws IOException {
        agent.host().sendRaw(withBadPayload(frame(7, flags, 7, type)));
        if (EXEC_FOLLOW_UPS.contains(type)) {
            // Of a session that there is not, nothing is decoded.
            assertEquals(4, answerTo(4, new EmptyMessage(MessageType.PING)).id());
            return;
        }
        final CoreError error = nextError(7);
        assertEquals(CoreError.Kind.INVALID_PAYLOAD, error.kind());
        assertEquals(type, error.offendingType());
        assertTrue(error.message().startsWith("decode payload for " + type + ": "), error.message());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "A3617601617463782E79", "A0", "", "60", "FF", "A361760161746378", "A2617601617461617041A0", "A3617619010061746178617041A0"})
    void aBodyThatIsNoEnvelopeIsRefusedToItsSender(final String body) throws IOException {
        final byte[] bytes = HexFormat.of().parseHex(body);
        agent.host().sendRaw(ByteBuffer.allocate(9 + bytes.length).putInt(5 + bytes.length).putInt(77).put((byte) 0).put(bytes).array());
        final CoreError error = nextError(77);
        assertEquals(CoreError.Kind.MALFORMED_MESSAGE, error.kind());
        assertNull(error.offendingType());
        assertEquals(4, answerTo(4, new EmptyMessage(MessageType.PING)).id());
    }

    @Test
    void whoCannotDecodeAnErrorGetsTheFailureThatItsRequestHas() throws IOException {
        agent.host().sendRaw(withBadPayload(frame(1, SESSION_START, 1, "core.exec.request")));
        assertEquals(ExecFailed.Kind.BAD_ARGS, agent.host().next().as(ExecFailed.class).kind());
        agent.host().sendRaw(withBadPayload(frame(2, SESSION_START, 4, "core.tcp.connect")));
        assertTrue(agent.host().next().as(TcpFailed.class).error().startsWith("decode payload for core.tcp.connect"));
        agent.host().sendRaw(frame(3, 0, 4, "core.fs.request"));
        final FsResponse response = agent.host().next().as(FsResponse.class);
        assertFalse(response.ok());
        assertEquals("invalid flags for core.fs.request: got 0, expected 2", response.error());
        agent.host().sendRaw(withBadPayload(frame(1, 0, 4, "core.ping")));
        agent.host().sendRaw(frame(1, SESSION_START, 4, "core.new.thing"));
        assertEquals(4, answerTo(4, new EmptyMessage(MessageType.PING)).id());
        assertEquals(2, agent.count(AgentCounter.REFUSALS_UNTOLD));
    }

    @Test
    void nothingIsSaidInSessionZero() throws Exception {
        agent.host().sendRaw(frame(0, SESSION_START, 7, "core.new.thing"));
        agent.host().sendRaw(frame(0, 0, 7, "core.ping"));
        agent.host().sendRaw(frame(0, 1, 7, "core.ping"));
        agent.host().sendRaw(frame(0, SESSION_START, 7, "core.tcp.connect"));
        agent.host().sendRaw(frame(0, 0, 7, "core.relay.client.disconnected"));
        agent.host().sendRaw(frame(0, 0, 7, "core.clock.sync"));
        agent.host().sendRaw(frame(0, 0, 7, "core.init.ack"));
        agent.host().sendRaw(frame(0, 0, 7, "core.bootstrap"));
        agent.host().sendRaw(frame(0, 1, 7, "core.pong"));
        agent.host().sendRaw(new byte[] {0, 0, 0, 6, 0, 0, 0, 0, 0, 0x60});
        assertEquals(4, answerTo(4, new EmptyMessage(MessageType.PING)).id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"core.relay.client.disconnected", "core.clock.sync", "core.init.ack", "core.bootstrap"})
    void theRelaysOrdersAreNotForClients(final String type) throws Exception {
        agent.host().exec(1, "cat");
        final HostEnd.Received started = agent.host().next();
        agent.host().sendRaw(Frames.encode(7, 9, new ClientDisconnected(1, 33554431)));
        assertEquals(CoreError.Kind.INVALID_SESSION, nextError(9).kind());
        agent.host().sendRaw(frame(10, 0, 7, type));
        assertEquals(CoreError.Kind.INVALID_SESSION, nextError(10).kind());
        agent.host().stdin(1);
        assertEquals(0, agent.host().collect(1, started).exited().code());
    }

    @Test
    void aClientCannotShutTheAgentDown() throws Exception {
        agent.host().sendRaw(frame(9, 4, 7, "core.shutdown"));
        assertEquals(CoreError.Kind.INVALID_SESSION, nextError(9).kind());
        assertEquals("hi\n", agent.host().run(7, HostEnd.request("echo", "hi")).out());
    }

    /** The error would be the session's end for its relay and its client. */
    @Test
    void noBadFrameIsAnErrorOfASessionThatGoesOn() throws Exception {
        agent.host().exec(1, "cat");
        final HostEnd.Received started = agent.host().next();
        agent.host().sendRaw(frame(1, 0, 7, "core.new.thing"));
        agent.host().sendRaw(frame(1, SESSION_START, 7, "core.new.thing"));
        agent.host().sendRaw(frame(1, 1, 7, "core.exec.signal"));
        agent.host().sendRaw(frame(1, 0, 7, "core.exec.resize"));
        agent.host().sendRaw(withBadPayload(frame(1, 0, 7, "core.ping")));
        agent.host().sendRaw(frame(1, 0, 7, "core.clock.sync"));
        agent.host().sendRaw(frame(1, 1, 7, "core.exec.exited"));
        agent.host().sendRaw(withBadPayload(frame(1, 0, 7, "sluice.window")));
        agent.host().stdin(1, (byte) 'x');
        agent.host().stdin(1);
        final ExecResult result = agent.host().collect(1, started);
        assertEquals("x", result.out());
        assertEquals(0, result.stdinErrors.size());
    }

    /** What is lost cannot be made up for: the program does not take the rest for the whole. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void inputWithAFrameThatCannotBeReadNeverEnds(final boolean envelope) throws Exception {
        agent.host().send(1, HostEnd.shell("cat; echo end").build());
        agent.host().stdin(1, (byte) 'x');
        agent.host().sendRaw(
            envelope ? new byte[] {0, 0, 0, 6, 0, 0, 0, 1, 0, 0x60} : withBadPayload(frame(1, 0, 7, "core.exec.stdin")));
        agent.host().stdin(1, (byte) 'y');
        agent.host().stdin(1);
        agent.host().send(1, new ExecSignal(9));
        final ExecResult result = agent.host().collect(1);
        assertEquals(1, result.stdinErrors.size());
        assertEquals(137, result.exited().code());
        assertFalse(result.out().contains("y") || result.out().contains("end"), result.out());
    }

    @Test
    void aRequestWithTheIdOfAProgramDoesNotEndIt() throws Exception {
        agent.host().exec(1, "cat");
        final HostEnd.Received started = agent.host().next();
        agent.host().send(1, new TcpConnect("127.0.0.1", 80));
        agent.host().sendRaw(frame(1, SESSION_START, 7, "core.new.thing"));
        agent.host().stdin(1, (byte) 'x');
        agent.host().stdin(1);
        assertEquals("x", agent.host().collect(1, started).out());
        assertEquals(1, agent.count(AgentCounter.REQUESTS_ID_IN_USE));
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
