package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sluice frames}, on frames of the protocol's golden vectors and on bytes that are none. */
class FramesCommandTest {
    private static final String READY = "000000520000000000a361760161746a636f72652e726561647961705838a36c626f6f745f74696d655f6e731a08f0d180"
        + "6c696e69745f74696d655f6e731a004c4b406d72656164795f74696d655f6e731a09896800";
    private static final String READY_LINE =
        " <- id 0 core.ready v1 86 bytes {boot_time_ns: 150000000, init_time_ns: 5000000, ready_time_ns: 160000000}\n";
    private static final String STDOUT = "000000290000000100a3617601617470636f72652e657865632e7374646f757461704aa164646174614368690a";
    private static final String EXITED = "000000260000000101a3617601617470636f72652e657865632e657869746564617047a164636f646520";
    private static final String SHUTDOWN = "0000001c0000000004a361760161746d636f72652e73687574646f776e617040";

    @TempDir
    Path directory;
    private final StringWriter written = new StringWriter();

    private int frames(final byte[] capture, final String... options) throws Exception {
        final Path file = Files.write(directory.resolve("capture"), capture);
        return run(file, options);
    }

    private int run(final Path source, final String... options) {
        final List<String> arguments = new ArrayList<>(List.of("frames"));
        arguments.addAll(List.of(options));
        arguments.add(source.toString());
        written.getBuffer().setLength(0);
        return Main.commandLine().setOut(new PrintWriter(written)).execute(arguments.toArray(String[]::new));
    }

    private static byte[] bytes(final String... hex) {
        return HexFormat.of().parseHex(String.join("", hex));
    }

    @Test
    void showsEveryFrameWithItsOffset() throws Exception {
        assertEquals(0, frames(bytes(READY, STDOUT, EXITED, SHUTDOWN)));
        assertEquals("0        " + READY_LINE
            + "86        <- id 1 core.exec.stdout v1 45 bytes {data: \"hi\\n\"}\n"
            + "131       <- id 1 terminal core.exec.exited v1 42 bytes {code: -1}\n"
            + "173       -> id 0 shutdown core.shutdown v1 32 bytes\n", written.toString());
    }

    @ParameterizedTest
    @CsvSource({"1ffffffe,4,536870911,570425340", "00000000,4,1,33554430", "03ffffff05fffffd,8,67108863,100663292",
        "0000000101ffffff,8,1,33554430"})
    void showsEitherHandshake(final String handshake, final int length, final long first, final long last) throws Exception {
        assertEquals(0, frames(bytes(handshake, READY)));
        assertEquals("0         handshake of " + length + " bytes: ids " + first + " to " + last + "\n" + length + "        " + READY_LINE,
            written.toString());
    }

    @Test
    void printsJson() throws Exception {
        assertEquals(1, frames(bytes("1ffffffe", READY, STDOUT, EXITED, SHUTDOWN, "0000"), "--json", "--data", "2"));
        final ObjectMapper mapper = new ObjectMapper();
        final List<JsonNode> lines = new ArrayList<>();
        for (final String line : written.toString().split("\n")) {
            lines.add(mapper.readTree(line));
        }
        assertEquals(6, lines.size());
        assertEquals(536870911L, lines.get(0).get("handshake").get("first_id").asLong());
        assertEquals("core.ready", lines.get(1).get("type").asText());
        assertEquals("host", lines.get(1).get("to").asText());
        assertEquals(160000000L, lines.get(1).get("payload").get("ready_time_ns").asLong());
        assertEquals(3, lines.get(2).get("payload").get("data").get("length").asInt());
        assertEquals("hi", new String(Base64.getDecoder().decode(lines.get(2).get("payload").get("data").get("base64").asText()),
            StandardCharsets.US_ASCII));
        assertEquals("terminal", lines.get(3).get("flags").get(0).asText());
        assertTrue(lines.get(4).get("payload").isNull());
        assertEquals(4 + 86 + 45 + 42 + 32, lines.get(5).get("offset").asInt());
        assertNotNull(lines.get(5).get("fault"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "000000| truncated: 3 bytes are there, and a frame has at least 9",
        "000000520000| truncated: 6 bytes are there of a frame of 86",
        "000000520000000000a3| truncated: 10 bytes are there of a frame of 86 with id 0",
        "0000000400000000| broken: the length field says 4, and a frame has 5 to 4194304: where the next begins is not known",
        "ffffffff00000000| broken: the length field says 4294967295, and a frame has 5 to 4194304: where the next begins is not known"})
    void saysWhereACaptureBreaksOff(final String rest, final String fault) throws Exception {
        assertEquals(1, frames(bytes(READY, rest)));
        assertEquals("0        " + READY_LINE + "86        " + fault.strip() + "\n", written.toString());
        assertEquals(1, frames(bytes(rest)));
        assertTrue(written.toString().startsWith("0         " + fault.strip().split(":")[0]), written.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0000000b0000000709 1b5b324a9b31| -- id 7 terminal+bulk 15 bytes \"\\x1b[2J\\x9b1\"  problem: no envelope: ",
        "0000000500000007f0| -- id 7 0xf0 9 bytes \"\"  problem: no envelope: ",
        "000000180000000100 a3617607617466 1b5d303b1b07 617043a16178| -- id 1 \\x1b]0;\\x1b\\x07 v7 28 bytes ",
        "000000270000000100 a361760161747 0636f72652e657865632e657869746564617048a164636f6465182a| flags are those of no core.exec.exited",
        "0000001f0000000101 a3617601617470 636f72652e657865632e657869746564 617040| problem: ",
        "000000200000000101 a3617601617470 636f72652e657865632e657869746564 6170 41ff| the payload is no CBOR item: "})
    void saysWhatIsWrongWithAFrameAndGoesOn(final String frame, final String expected) throws Exception {
        assertEquals(1, frames(bytes(frame.replace(" ", ""), STDOUT)));
        final String[] lines = written.toString().split("\n");
        assertEquals(2, lines.length, written.toString());
        assertTrue(lines[0].contains(expected.strip()), lines[0]);
        assertTrue(lines[1].endsWith("{data: \"hi\\n\"}"), lines[1]);
        assertFalse(written.toString().chars().anyMatch(character -> character < ' ' && character != '\n' || character == 0x9B),
            written.toString());
    }

    @Test
    void showsAsMuchDataAsItIsTold() throws Exception {
        frames(bytes(STDOUT), "--data", "1");
        assertTrue(written.toString().endsWith(" {data: \"h\"... (3 bytes)}\n"), written.toString());
        frames(bytes(STDOUT), "--data=0");
        assertTrue(written.toString().endsWith(" {data: (3 bytes)}\n"), written.toString());
    }

    @Test
    void leavesOutItemsBeyondTheFirstThousand() throws Exception {
        final ByteArrayOutputStream frame = new ByteArrayOutputStream();
        // core.x with an array of 5000 numbers.
        frame.writeBytes(bytes(String.format("%08x", 5 + 18 + 5003), "0000000100", "a3617601617466", "636f72652e78", "6170",
            String.format("59%04x", 5003), "991388"));
        frame.write(new byte[5000], 0, 5000);
        assertEquals(1, frames(Arrays.copyOf(frame.toByteArray(), frame.size())));
        assertTrue(written.toString().length() < 5000, written.toString());
        assertTrue(written.toString().contains("0, ...]"), written.toString());
        frames(frame.toByteArray(), "--json");
        assertTrue(new ObjectMapper().readTree(written.toString()).get("cut").asBoolean(), written.toString());
    }

    @Test
    void readsWhatARelaySays() throws Exception {
        final Path socket = directory.resolve("agent.sock");
        try (ServerSocketChannel relay = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            relay.bind(UnixDomainSocketAddress.of(socket));
            final Thread serving = Thread.ofPlatform().start(() -> serve(relay));
            assertEquals(0, run(socket));
            serving.join();
        }
        assertEquals("0         handshake of 4 bytes: ids 536870911 to 570425340\n4        " + READY_LINE, written.toString());
        assertEquals(125, run(socket));
        assertEquals(125, run(directory.resolve("nowhere")));
    }

    private static void serve(final ServerSocketChannel relay) {
        try (SocketChannel client = relay.accept()) {
            for (final byte value : bytes("1ffffffe", READY)) {
                client.write(ByteBuffer.wrap(new byte[] {value}));
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whatever bytes there are: a line for each part, and nothing that controls a terminal. */
    @Test
    void nothingHarmsIt() throws Exception {
        final Random random = new Random(Seeds.next("capture"));
        final byte[] sound = bytes("1ffffffe", READY, STDOUT, EXITED, SHUTDOWN);
        final ObjectMapper mapper = new ObjectMapper();
        for (int round = 0; round < 2000; round++) {
            final byte[] capture = sound.clone();
            for (int i = random.nextInt(6); i >= 0; i--) {
                capture[random.nextInt(capture.length)] = (byte) random.nextInt(256);
            }
            final byte[] cut = Arrays.copyOf(capture, random.nextInt(capture.length + 1));
            final boolean json = random.nextBoolean();
            final Capture parts = new Capture(new ByteArrayInputStream(cut));
            final FrameLines lines = new FrameLines(json, 64);
            for (Capture.Item part = parts.next(); part != null; part = parts.next()) {
                final String line = lines.of(part).text();
                assertFalse(line.chars().anyMatch(character -> character < ' ' || character >= 0x7F && character < 0xA0), line);
                if (json) {
                    assertEquals(part.offset(), mapper.readTree(line).get("offset").asLong(), line);
                }
            }
        }
    }
}
