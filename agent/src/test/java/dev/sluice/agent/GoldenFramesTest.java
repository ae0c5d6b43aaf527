package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.FrameDescriptor;
import dev.sluice.protocol.Frames;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Ready;
import dev.sluice.protocol.TcpFailed;
import dev.sluice.protocol.Touched;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every frame that real programs of the protocol have sent to an agent, to a running one: each is served or refused with the reason, none
 * ends it. And what it sends, byte for byte, against what real agents have sent.
 */
class GoldenFramesTest {
    private static final Path VECTORS = Path.of("../protocol/src/test/resources/vectors");
    private static final Pattern VECTOR = Pattern.compile(
        "\"name\": \"((?:[^\"\\\\]|\\\\.)*)\",\\s*\"hex\": \"([0-9a-f]*)\",\\s*\"type\": \"([^\"]*)\",\\s*\"id\": (\\d+),"
            + ".*?\"dir\": \"(\\w+)\"", Pattern.DOTALL);
    private static final int GENERATION_OFFSET = 12;
    private static final int PING_ID = 0x7FFFFFF0;
    /** Paths that are somebody's here, should the agent's root not hold: to others of the same length. */
    private static final Map<String, String> HARMLESS = Map.of("/work", "/qqqq", "/tmp", "/qtm");

    @TempDir
    private Path root;

    private record Vector(String name, byte[] frame, String type, int id, String direction) {
        boolean isForGuests() {
            return !direction.equals("guest_to_host");
        }
    }

    private static List<Vector> load(final String file) throws IOException {
        final List<Vector> vectors = new ArrayList<>();
        final Matcher found = VECTOR.matcher(Files.readString(VECTORS.resolve(file)));
        while (found.find()) {
            vectors.add(new Vector(
                found.group(1), HexFormat.of().parseHex(found.group(2)), found.group(3), Integer.parseInt(found.group(4)), found.group(5)));
        }
        return vectors;
    }

    private static Vector named(final String file, final String name) throws IOException {
        return load(file).stream().filter(vector -> vector.name.equals(name)).findFirst().orElseThrow();
    }

    private TestAgent start() throws IOException {
        Files.createDirectory(root.resolve("qtm"));
        return TestAgent.start(context -> context.files().root(ByteString.of(root.toString())));
    }

    private static byte[] harmless(final byte[] frame) {
        String text = new String(frame, StandardCharsets.ISO_8859_1);
        for (final Map.Entry<String, String> path : HARMLESS.entrySet()) {
            text = text.replace(path.getKey(), path.getValue());
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Sends a frame, and brings what it may have begun to an end. @return what has come for its id */
    private static List<Message> exchange(final HostEnd host, final Vector vector) throws IOException {
        host.sendRaw(harmless(vector.frame));
        final boolean begins = vector.type.equals("core.exec.request");
        if (begins) {
            host.stdin(vector.id);
            host.send(vector.id, new ExecSignal(9));
        }
        // A write of files goes on with the frames that follow.
        final boolean ends = begins || vector.type.equals("core.fs.request") && !vector.name.contains("Write")
            || vector.type.equals("core.tcp.connect");
        host.send(PING_ID, new EmptyMessage(MessageType.PING));
        final List<Message> answers = new ArrayList<>();
        boolean ended = !ends;
        boolean pong = false;
        while (!pong || !ended) {
            final HostEnd.Received frame = host.next();
            if (frame.id() == PING_ID) {
                pong = true;
                assertEquals(MessageType.PONG, frame.message().type());
            } else if (frame.id() == vector.id) {
                // What comes for others is the answer to the end of a write, which a disk may take its time for.
                answers.add(frame.message());
                ended |= frame.isTerminal();
            }
        }
        return answers;
    }

    @Test
    void everyFrameIsServedOrRefusedAndNoneEndsTheAgent() throws Exception {
        int count = 0;
        for (final String file : List.of("generation-1.json", "generation-7.json")) {
            try (TestAgent agent = start()) {
                for (final Vector vector : load(file)) {
                    if (vector.isForGuests() && !vector.type.equals("core.shutdown")) {
                        final List<MessageType> answers = exchange(agent.host(), vector).stream().map(Message::type).toList();
                        assertTrue(isExpected(vector, answers), vector.name + ": " + answers);
                        count++;
                    }
                }
                assertEquals("ok\n", agent.host().run(1, HostEnd.request("echo", "ok")).out());
                assertEquals(0, agent.count(AgentCounter.FRAMES_UNDECODABLE));
                assertEquals(0, agent.count(AgentCounter.FRAMES_BAD_FLAGS));
                assertEquals(0, agent.count(AgentCounter.FRAMES_UNSERVED));
            }
            try (Stream<Path> left = Files.walk(root)) {
                left.sorted(Comparator.reverseOrder()).filter(path -> !path.equals(root)).forEach(path -> path.toFile().delete());
            }
        }
        assertEquals(77, count);
    }

    private static boolean isExpected(final Vector vector, final List<MessageType> answers) {
        final MessageType last = answers.isEmpty() ? null : answers.getLast();
        return switch (vector.type) {
            case "core.exec.request" -> last == MessageType.EXEC_EXITED || last == MessageType.EXEC_FAILED;
            case "core.fs.request", "core.fs.data" ->
                last == MessageType.FS_RESPONSE || answers.isEmpty() && (vector.name.contains("Write") || vector.type.endsWith("data"));
            case "core.tcp.connect", "core.tcp.data" -> answers.equals(List.of(MessageType.TCP_FAILED));
            case "core.ping" -> answers.equals(List.of(MessageType.PONG));
            case "core.touch" -> answers.equals(List.of(MessageType.TOUCHED));
            default -> answers.isEmpty();
        };
    }

    @Test
    void everyShutdownEndsTheAgent() throws Exception {
        for (final String[] name : new String[][] {
            {"generation-1.json", "shutdown empty p"}, {"generation-7.json", "core.shutdown (SDK 0.6: p = CBOR null)"},
            {"generation-7.json", "core.shutdown (0.4 form: empty p)"}}) {
            try (TestAgent agent = TestAgent.start()) {
                agent.host().sendRaw(named(name[0], name[1]).frame);
                assertEquals(AgentOutcome.SHUT_DOWN, agent.outcome());
            }
        }
    }

    /** The requests of generation 1 about files, in their order: the answers are those of the agent of that time, but for its number. */
    @Test
    void aClientOfGeneration1GetsTheBytesThatItsAgentSent() throws Exception {
        Files.createDirectory(root.resolve("tmp"));
        try (TestAgent agent = TestAgent.start(context -> context.files().root(ByteString.of(root.toString())))) {
            final List<Vector> vectors = load("generation-1.json");
            final int ready = agent.host().firstBytes().length;
            final StringBuilder expected = new StringBuilder();
            for (final String name : List.of(
                "fs.request Write mode 0644", "fs.data abc", "extra: fs.data (id 4)", "fs.response ok",
                "extra: fs.request Read (id 5)", "extra: fs.data (id 5)", "extra: fs.response ok (id 5)",
                "extra: fs.request Mkdir (id 8)", "extra: fs.response ok (id 8)", "extra: fs.request Copy (id 9)",
                "extra: fs.response ok (id 9)", "extra: fs.request Rename (id 10)", "extra: fs.response ok (id 10)",
                "extra: fs.request Remove (id 11)", "extra: fs.response ok (id 11)", "extra: fs.request RemoveDir (id 12)",
                "extra: fs.response ok (id 12)", "extra: fs.request Stat (id 13)", "extra: fs.response error (id 13)")) {
                final Vector vector = vectors.stream().filter(one -> one.name.equals(name)).findFirst().orElseThrow();
                if (vector.isForGuests()) {
                    if (vector.name.contains("RemoveDir")) {
                        // Made by renaming into it; what is below goes first, as that agent had it done.
                        assertTrue(Files.deleteIfExists(root.resolve("tmp/x/y")));
                    }
                    agent.host().sendRaw(vector.frame);
                } else {
                    agent.host().next();
                    final byte[] frame = vector.frame.clone();
                    frame[GENERATION_OFFSET] = 7;
                    expected.append(HexFormat.of().formatHex(frame));
                }
            }
            final String sent = HexFormat.of().formatHex(agent.host().firstBytes()).substring(2 * ready);
            assertEquals(expected.toString(), sent);
        }
    }

    /** What carries only what this side knows has the bytes of the vectors, whatever the values. */
    @Test
    void whatTheAgentSaysHasTheBytesOfTheVectors() throws Exception {
        for (final String name : List.of(
            "core.pong", "core.touched", "core.error invalid_payload", "core.error invalid_flags",
            "core.error malformed_message without offending_type", "core.error unsupported_message_type", "core.exec.started",
            "core.exec.stdin.error EPIPE", "core.exec.exited 0", "core.exec.exited 42", "core.exec.failed not_found (pipe)",
            "core.tcp.connected", "core.tcp.eof guest to host", "core.tcp.closed", "core.tcp.failed", "core.ready without agent_version")) {
            final Vector vector = named("generation-7.json", name);
            final int body = FrameDescriptor.HEADER_LENGTH;
            final Message decoded = Frames.decode(MemorySegment.ofArray(vector.frame), body, vector.frame.length - body);
            final byte[] sent = new byte[Outlet.REPLY_ROOM];
            final int length = Replies.encode(MemorySegment.ofArray(sent), 0, vector.id, asSent(decoded));
            assertArrayEquals(vector.frame, Arrays.copyOf(sent, length), name);
        }
    }

    /** The messages as the agent makes them, from the values of the vectors. */
    private static Message asSent(final Message message) {
        return switch (message) {
            case Ready ready -> new Ready(ready.bootTimeNs(), ready.initTimeNs(), ready.readyTimeNs(), ready.agentVersion(), 0);
            case ExecExited exited -> new ExecExited(exited.code(), 0, false);
            case Touched touched -> new Touched(touched.activitySeq());
            case TcpFailed failed -> new TcpFailed(failed.error());
            case CoreError error -> new CoreError(error.kind(), error.message(), error.offendingType());
            default -> message;
        };
    }
}
