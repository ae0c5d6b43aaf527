package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.relay.RelayOutcome;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sluice relay} as those see it who start it, watch it and read what it leaves behind. */
class RelayOperationsTest {
    /** core.ready of generation 1, as the protocol's description prints it. */
    private static final byte[] READY = HexFormat.of().parseHex(
        "000000520000000000a361760161746a636f72652e726561647961705838a36c626f6f745f74696d655f6e731a08f0d1806c"
            + "696e69745f74696d655f6e731a004c4b406d72656164795f74696d655f6e731a09896800");
    /** core.shutdown with an empty payload. */
    private static final byte[] SHUTDOWN = HexFormat.of().parseHex("0000001c0000000004a361760161746d636f72652e73687574646f776e617040");

    @TempDir
    Path directory;
    private ServerSocketChannel console;
    private SluiceProcess relay;

    @BeforeEach
    void openConsole() throws IOException {
        console = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(directory.resolve("console.sock")));
    }

    @AfterEach
    void close() throws Exception {
        console.close();
        if (relay != null) {
            relay.process().destroyForcibly();
            relay.await();
        }
    }

    private String path(final String name) {
        return directory.resolve(name).toString();
    }

    private String[] arguments(final String... more) {
        final List<String> all = new ArrayList<>(List.of(
            "relay", "--guest", "unix:" + path("console.sock"), "--listen", path("agent.sock"), "--boot-error", path("boot-error.json")));
        all.addAll(Arrays.asList(more));
        return all.toArray(String[]::new);
    }

    private void start(final String... more) throws IOException {
        relay = SluiceProcess.start(directory, arguments(more));
    }

    private int exitCode() throws Exception {
        final int exitCode = relay.await().exitCode();
        relay = null;
        return exitCode;
    }

    private SocketChannel acceptReady() throws Exception {
        final SocketChannel guest = console.accept();
        guest.write(ByteBuffer.wrap(READY));
        relay.awaitError("guest ready");
        return guest;
    }

    private JsonNode bootError() throws IOException {
        return new ObjectMapper().readTree(Files.readString(directory.resolve("boot-error.json")));
    }

    private static String get(final Path socket) throws IOException {
        try (SocketChannel connection = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            connection.write(ByteBuffer.wrap("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(ISO_8859_1)));
            return new String(Channels.newInputStream(connection).readAllBytes(), ISO_8859_1);
        }
    }

    @Test
    void aServiceManagerIsToldOfEachStepAndTheRelayIsWatchedMeanwhile() throws Exception {
        try (NotifySocket manager = new NotifySocket(path("notify"))) {
            final ProcessBuilder builder = new ProcessBuilder(SluiceProcess.commandLine(directory,
                arguments("--metrics", "unix:" + path("metrics.sock"), "--counters-file", path("counters"))));
            builder.environment().put("NOTIFY_SOCKET", path("notify"));
            relay = SluiceProcess.start(builder);
            assertEquals("READY=1\nSTATUS=waiting for the guest", manager.receive());
            assertTrue(get(directory.resolve("metrics.sock")).contains("\nsluice_relay_guests_ready_total 0\n"));
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path("agent.sock")))) {
                assertTrue(client.isConnected(), "ready means that clients can connect");
            }
            try (SocketChannel guest = acceptReady()) {
                assertTrue(guest.isOpen());
                assertEquals("STATUS=guest ready", manager.receive());
                assertTrue(get(directory.resolve("metrics.sock")).contains("\nsluice_relay_guests_ready_total 1\n"));
            }
            assertTrue(manager.receive().startsWith("STATUS=waiting for a guest, the last was lost: "));
            relay.terminate();
            assertEquals("STOPPING=1\nSTATUS=ending", manager.receive());
            assertEquals(RelayOutcome.STOPPED.exitCode(), exitCode());
            assertFalse(Files.exists(directory.resolve("metrics.sock")));
            assertTrue(Files.exists(directory.resolve("counters")));
        }
    }

    /** The relay's lines wait for a reader, its clients and guest do not. */
    @Test
    void nobodyWhoLeavesStandardErrorUnreadHoldsUpTheRelay() throws Exception {
        final Path pipe = directory.resolve("stderr");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        final Posix posix = Posix.system();
        final int fd = posix.open(pipe.toString(), Linux.O_RDWR | Linux.O_NONBLOCK | Linux.O_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment bytes = arena.allocate(4096);
            long filled = 0;
            for (long written = 1; written > 0; filled += Math.max(0, written)) {
                written = posix.write(fd, bytes.address(), bytes.byteSize());
            }
            relay = SluiceProcess.start(new ProcessBuilder(SluiceProcess.commandLine(directory, arguments("--log", "DEBUG")))
                .redirectError(pipe.toFile()));
            for (int i = 0; i < 2; i++) {
                try (SocketChannel guest = console.accept()) {
                    guest.write(ByteBuffer.wrap(READY));
                    try (SocketChannel client = connect(path("agent.sock"))) {
                        final ByteBuffer handshake = ByteBuffer.allocate(4 + READY.length);
                        while (handshake.hasRemaining() && client.read(handshake) >= 0) {
                            // Until the guest's greeting is there whole.
                            assertTrue(guest.isOpen());
                        }
                        assertFalse(handshake.hasRemaining(), "served");
                    }
                }
            }
            // Somebody reads again: what was said is there, in its order, also what is said while the relay ends.
            for (long drained = 0; drained < filled; ) {
                drained += posix.read(fd, bytes.address(), Math.min(bytes.byteSize(), filled - drained));
            }
            relay.terminate();
            assertEquals(RelayOutcome.STOPPED.exitCode(), exitCode());
            final StringBuilder said = new StringBuilder();
            for (long length = 1; length > 0; ) {
                length = posix.read(fd, bytes.address(), bytes.byteSize());
                said.append(ISO_8859_1.decode(bytes.asSlice(0, Math.max(0, length)).asByteBuffer()));
            }
            final String[] order = said.toString().lines().filter(line -> line.matches("sluice: guest (ready|lost).*"))
                .map(line -> line.substring(0, "sluice: guest lost".length())).toArray(String[]::new);
            assertArrayEquals(new String[] {"sluice: guest read", "sluice: guest lost", "sluice: guest read", "sluice: guest lost"}, order,
                said.toString());
        } finally {
            posix.close(fd);
        }
    }

    private static SocketChannel connect(final String path) throws Exception {
        while (true) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(path));
            } catch (final IOException e) {
                // Not bound yet.
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aGuestThatIsNeverReadyIsOnRecordUntilOneIs() throws Exception {
        final Instant before = Instant.now().minusMillis(1);
        start("--ready-deadline", "50ms");
        assertEquals(RelayOutcome.NEVER_READY.exitCode(), exitCode());
        final JsonNode failure = bootError();
        assertEquals("other", failure.get("stage").textValue());
        assertTrue(failure.get("errno").isNull());
        assertTrue(failure.get("message").textValue().contains("did not become ready"));
        assertFalse(Instant.parse(failure.get("t").textValue()).isBefore(before.minusMillis(1)));
        assertTrue(failure.get("t").textValue().matches("[-0-9]{10}T[:0-9]{8}\\.[0-9]{3}Z"), failure.toString());
        assertEquals(4, failure.size());
        assertFalse(Files.exists(directory.resolve("boot-error.json.tmp")));
        try (SocketChannel stale = console.accept()) {
            assertTrue(stale.isOpen());
        }
        start();
        try (SocketChannel guest = acceptReady()) {
            assertTrue(guest.isOpen());
            final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (Files.exists(directory.resolve("boot-error.json"))) {
                assertTrue(System.nanoTime() < deadline, "still there");
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void whatWasAskedForWronglyIsOnRecord() throws Exception {
        for (final String[] wrong : new String[][] {
            {"--no-such-option"}, {"--max-clients", "0"}, {"--guest", "nonsense:/x"}, {"--metrics", "tcp:80"}}) {
            start(wrong);
            assertEquals(125, exitCode());
            assertEquals("config", bootError().get("stage").textValue(), String.join(" ", wrong));
            assertTrue(bootError().get("errno").isNull());
            Files.delete(directory.resolve("boot-error.json"));
        }
    }

    @Test
    void aRelayThatWasKilledLeavesNothingInTheWayOfTheNext() throws Exception {
        final String[] options = {"--metrics", "unix:" + path("metrics.sock"), "--counters-file", path("counters")};
        start(options);
        acceptReady().close();
        relay.process().destroyForcibly();
        relay.await();
        start(options);
        try (SocketChannel guest = acceptReady()) {
            assertTrue(guest.isOpen());
            assertTrue(get(directory.resolve("metrics.sock")).contains("\nsluice_relay_guests_ready_total 1\n"));
            relay.terminate();
            assertEquals(0, exitCode());
        }
    }

    @Test
    void aLockHeldByAnotherRelayIsOnRecord() throws Exception {
        start();
        try (SocketChannel guest = console.accept()) {
            assertTrue(guest.isOpen());
            final SluiceProcess.Result second = SluiceProcess.run(directory, new byte[0], arguments());
            assertEquals(125, second.exitCode());
            assertEquals("other", bootError().get("stage").textValue());
            assertNotEquals(0, bootError().get("errno").intValue());
            assertTrue(bootError().get("message").textValue().contains("is in use by process " + relay.process().pid()));
        }
        relay.terminate();
        assertEquals(0, exitCode());
    }

    @Test
    void theRecordOfAFailureNeedsAPathOfItsOwnAndReplacesNoSocket() throws Exception {
        final String twice = SluiceProcess.run(directory, new byte[0], arguments("--counters-file", path("boot-error.json"))).stderr();
        assertTrue(twice.contains("--boot-error: " + path("boot-error.json") + " is given twice, also by --counters-file"), twice);
        assertEquals("config", bootError().get("stage").textValue());
        final SluiceProcess.Result result = SluiceProcess.run(directory, new byte[0], "relay", "--guest", "unix:" + path("console.sock"),
            "--listen", path("agent.sock"), "--boot-error", path("console.sock"));
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().contains("--boot-error: " + path("console.sock") + " is where the guest is"), result.stderr());
        SocketChannel.open(UnixDomainSocketAddress.of(path("console.sock"))).close();
    }

    @Test
    void aFileThatCannotBeWrittenDoesNotHideTheFailure() throws Exception {
        // It is made under another name, which is taken.
        Files.createDirectory(directory.resolve("boot-error.json.tmp"));
        relay = SluiceProcess.start(directory, "relay", "--guest", "nonsense:/x", "--listen", path("agent.sock"),
            "--boot-error=" + path("boot-error.json"));
        final SluiceProcess.Result result = relay.await();
        relay = null;
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().contains("cannot write") && result.stderr().contains("nonsense"), result.stderr());
    }

    @Test
    void aPathThatNoRecordCanHaveIsRefusedAtTheStart() throws Exception {
        for (final String wrong : new String[] {path("missing/boot-error.json"), directory.toString()}) {
            final SluiceProcess.Result result = SluiceProcess.run(directory, new byte[0], "relay",
                "--guest", "unix:" + path("console.sock"), "--listen", path("agent.sock"), "--boot-error", wrong);
            assertEquals(125, result.exitCode());
            assertTrue(result.stderr().startsWith("sluice: --boot-error: " + wrong), result.stderr());
            assertEquals(1, result.stderr().lines().count(), result.stderr());
        }
    }

    @Test
    void theRecordOfAnEarlierRunIsGoneAsSoonAsTheRelayStarts() throws Exception {
        Files.writeString(directory.resolve("boot-error.json"), "{}");
        start();
        try (SocketChannel guest = console.accept()) {
            assertTrue(guest.isOpen());
            assertFalse(Files.exists(directory.resolve("boot-error.json")), "the guest is not ready, and the relay has not failed");
        }
        relay.terminate();
        assertEquals(0, exitCode());
    }

    @Test
    void pathsThatLeadNowhereAreConfigurationOnRecord() throws Exception {
        for (final String[] wrong : new String[][] {
            {"--bootstrap=" + path("missing")}, {"--exec-log", path("missing/log")}, {"--counters-file", path("missing/counters")}}) {
            start(wrong);
            final SluiceProcess.Result result = relay.await();
            relay = null;
            assertEquals(125, result.exitCode());
            assertTrue(result.stderr().contains(path("missing")), result.stderr());
            assertEquals("config", bootError().get("stage").textValue(), String.join(" ", wrong));
            assertEquals(Errno.ENOENT, bootError().get("errno").intValue(), String.join(" ", wrong));
        }
        final String noDevice = SluiceProcess.run(directory, new byte[0], "relay", "--guest", "file:/etc/passwd",
            "--listen", path("agent.sock"), "--boot-error", path("boot-error.json")).stderr();
        assertEquals("sluice: --guest: /etc/passwd is no character device or terminal\n", noDevice);
        assertEquals("config", bootError().get("stage").textValue());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--idle-timeout 1d | --idle-timeout: '1d' is no time: write it as 250ms, 30s, 5m or 2h (allowed: 0 to 8760h)",
        "--max-clients 0 | --max-clients: '0' (allowed: 1 to 128)",
        "--client-buffer 1T | --client-buffer: '1T' is no size: write it as 65536, 512K, 8M or 1G (allowed: 1M to 256M, a power of two)",
        "--listen fd:99 | descriptor 99 is no listening Unix stream socket: Bad file descriptor (EBADF)",
        "--listen fd:7 --listen range:fd:7 | --listen: descriptor 7 is given twice",
        "--exec-log-files 2 | --exec-log-files needs --exec-log",
        "--exec-log-policy gap | --exec-log-policy needs --exec-log",
        "--slow-client never | --slow-client: expected one of",
    })
    void wrongUseIsExplained(final String options, final String why) throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(directory, new byte[0], arguments(options.split(" ")));
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().startsWith("sluice: " + why), result.stderr());
        assertEquals(1, result.stderr().lines().count(), result.stderr());
    }

    @Test
    void aCommandThatThereIsNotIsNamed() throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(directory, new byte[0], "relax");
        assertEquals(125, result.exitCode());
        final String names = String.join(", ", Main.commandLine().getSubcommands().keySet());
        assertTrue(names.startsWith("run, exec, "), names);
        assertEquals("sluice: no such command: relax (there are: " + names + ") (see sluice --help)\n", result.stderr());
    }

    @Test
    void aLineThatWasCutOffIsRepairedWithAWord() throws Exception {
        final Path log = Files.createDirectory(directory.resolve("log"));
        Files.writeString(log.resolve("exec.log"), "{}\ntorn");
        start("--exec-log", log.toString());
        relay.awaitError("sluice: the exec log in " + log + " ended in a line without its end, as a crash leaves one: cut 4 bytes off\n");
        relay.awaitError("relay started");
        relay.terminate();
        assertEquals(0, exitCode());
    }

    @Test
    void withoutTheGrantThatAnExecLogNeedsItIsNamed() throws Exception {
        final List<String> line = new ArrayList<>(SluiceProcess.commandLine(directory, arguments("--exec-log", path("log"))));
        assertTrue(line.removeIf(argument -> argument.startsWith("--add-exports")));
        final SluiceProcess.Result result = SluiceProcess.start(new ProcessBuilder(line)).await();
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().startsWith("sluice: an exec log needs a JVM that is started with --add-exports "
            + "java.base/jdk.internal.misc=ALL-UNNAMED"), result.stderr());
    }

    @Test
    void eachEndHasAnExitCodeOfItsOwn() throws Exception {
        start("--exit-on-guest-loss");
        acceptReady().close();
        assertEquals(RelayOutcome.GUEST_LOST.exitCode(), exitCode());
        start("--max-duration", "50ms", "--shutdown-flush", "50ms");
        try (SocketChannel guest = acceptReady()) {
            assertTrue(guest.isOpen());
            assertEquals(RelayOutcome.MAX_DURATION.exitCode(), exitCode());
        }
        start("--idle-timeout", "50ms", "--shutdown-flush", "50ms");
        try (SocketChannel guest = acceptReady()) {
            assertTrue(guest.isOpen());
            assertEquals(RelayOutcome.IDLE_TIMEOUT.exitCode(), exitCode());
        }
        start("--shutdown-flush", "50ms");
        try (SocketChannel guest = acceptReady();
            SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path("agent.sock")))) {
            assertTrue(guest.isOpen());
            client.write(ByteBuffer.wrap(SHUTDOWN));
            assertEquals(RelayOutcome.GUEST_SHUT_DOWN.exitCode(), exitCode());
        }
        assertFalse(Files.exists(directory.resolve("boot-error.json")));
        final String help = SluiceProcess.run(directory, new byte[0], "relay", "--help").stdoutText();
        for (final RelayOutcome outcome : RelayOutcome.values()) {
            assertTrue(help.matches("(?s).*\n +" + outcome.exitCode() + " +" + outcome.description() + "\n.*"), outcome + ": " + help);
        }
    }
}
