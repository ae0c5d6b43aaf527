package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testsupport.Seeds;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice relay}, {@code agent} and {@code exec} as processes of their own. */
class ExecCommandTest {
    private static final byte[] NOTHING = {};

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"ring:", "unix-listen:"})
    void runsProgramsThroughARelayAndAnAgent(final String kind) throws Exception {
        final String console = temporary.resolve("console").toString();
        final String socket = temporary.resolve("agent.sock").toString();
        final SluiceProcess relay = SluiceProcess.start(
            temporary, "relay", "--guest", kind + console, "--listen", socket, "--slow-client", "evict");
        final SluiceProcess agent = SluiceProcess.start(
            temporary, "agent", "--port", ("ring:".equals(kind) ? kind : "unix:") + console);
        relay.awaitError("guest ready");
        final byte[] input = new byte[1_000_000];
        new Random(Seeds.next("input")).nextBytes(input);
        final SluiceProcess.Result result = SluiceProcess.run(
            temporary, input, "exec", "--socket", socket, "-w", "/", "-e", "A=b", "--", "sh", "-c", "cat; echo $PWD$A >&2; exit 9");
        assertEquals(9, result.exitCode(), result.stderr());
        assertArrayEquals(input, result.stdout());
        assertEquals("/b\n", result.stderr());
        final SluiceProcess.Result missing = SluiceProcess.run(temporary, NOTHING, "exec", "--socket", socket, "nosuch-program");
        assertEquals(127, missing.exitCode());
        assertTrue(missing.stderr().matches("sluice: .*nosuch-program.*\n"), missing.stderr());
        relay.terminate();
        final SluiceProcess.Result ended = relay.await();
        assertEquals(0, ended.exitCode());
        final List<String> lines = ended.stderr().lines().toList();
        assertTrue(lines.getFirst().matches("sluice: relay started: guest at " + kind + console + ", clients at (offset:)?" + socket
            + ", process " + relay.process().pid()), ended.stderr());
        assertEquals("sluice: relay ended: it was told to end", lines.getLast());
        assertEquals(0, agent.await().exitCode());
    }

    @Test
    void aRelaySaysWhichGuestItWaitsFor() throws Exception {
        final SluiceProcess relay = SluiceProcess.start(temporary, "relay", "--guest", "unix:" + temporary.resolve("nowhere"),
            "--listen", temporary.resolve("agent.sock").toString());
        relay.awaitError("waiting for a guest at unix:" + temporary.resolve("nowhere") + ": nobody listens there");
        relay.terminate();
        assertEquals(0, relay.await().exitCode());
    }

    @Test
    void waitsForARelayAlsoWhereAKilledOneHasLeftItsSocket() throws Exception {
        final Path socket = temporary.resolve("agent.sock");
        final String console = temporary.resolve("console").toString();
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        final SluiceProcess early = SluiceProcess.start(
            temporary, "exec", "--wait", "60", "--connect-deadline", "60", "--socket", socket.toString(), "--", "echo", "hello");
        final SluiceProcess relay = SluiceProcess.start(temporary, "relay", "--guest", "ring:" + console, "--listen", socket.toString());
        final SluiceProcess agent = SluiceProcess.start(temporary, "agent", "--port", "ring:" + console);
        final SluiceProcess.Result result = early.await();
        assertEquals(0, result.exitCode(), result.stderr());
        assertEquals("hello\n", new String(result.stdout(), StandardCharsets.US_ASCII));
        relay.terminate();
        relay.await();
        assertEquals(0, agent.await().exitCode());
    }

    @Test
    void anAgentAtWhatIsNoRelaysConsoleFails() throws Exception {
        final Path port = temporary.resolve("port");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(port));
            final SluiceProcess agent = SluiceProcess.start(temporary, "agent", "--port", "unix:" + port);
            try (SocketChannel host = server.accept()) {
                host.write(ByteBuffer.wrap("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
                final SluiceProcess.Result result = agent.await();
                assertEquals(ExitCode.SLUICE_FAILED, result.exitCode());
                assertTrue(result.stderr().contains("the host sent what is no frame"), result.stderr());
            }
        }
    }

    @Test
    void aRelayWhoseGuestDoesNotComeSaysSoInWords() throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(temporary, NOTHING, "relay", "--guest", "ring:" + temporary.resolve("c"),
            "--listen", temporary.resolve("agent.sock").toString(), "--ready-deadline", "50ms");
        assertTrue(result.exitCode() != 0);
        assertTrue(result.stderr().endsWith(
            "relay ended: the guest did not become ready before the ready deadline: nobody has connected\n"), result.stderr());
    }

    @Test
    void anAgentThatDoesNotAnswerIsWaitedForAndNoticed() throws Exception {
        final String console = temporary.resolve("console").toString();
        final String socket = temporary.resolve("agent.sock").toString();
        final SluiceProcess relay = SluiceProcess.start(temporary, "relay", "--guest", "ring:" + console, "--listen", socket);
        final SluiceProcess agent = SluiceProcess.start(temporary, "agent", "--port", "ring:" + console);
        relay.awaitError("guest ready");
        agent.signal("STOP");
        final SluiceProcess.Result silent =
            SluiceProcess.run(temporary, NOTHING, "exec", "--socket", socket, "--start-deadline", "300ms", "true");
        assertEquals(125, silent.exitCode());
        assertTrue(silent.stderr().matches("sluice: the guest has not started the program within 300ms, .*\n"), silent.stderr());
        try (PseudoTerminal terminal = PseudoTerminal.open()) {
            final ProcessBuilder builder = new ProcessBuilder(
                SluiceProcess.commandLine(temporary, "exec", "--socket", socket, "--start-deadline", "1h", "--", "sh", "-c", "exit 3"));
            final SluiceProcess exec = SluiceProcess.start(builder.redirectError(terminal.file()));
            assertEquals("sluice: the guest has not answered yet; waiting for up to 1h", terminal.readLine());
            agent.signal("CONT");
            assertEquals(3, exec.await().exitCode());
        }
        relay.terminate();
        assertEquals(0, relay.await().exitCode());
        assertEquals(0, agent.await().exitCode());
    }

    @Test
    void saysThatNoRelayIsThere() throws Exception {
        final SluiceProcess.Result result = SluiceProcess.run(
            temporary, NOTHING, "exec", "--socket", temporary.resolve("none").toString(), "--", "true");
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().matches("sluice: cannot connect to .*/none: .*\n"), result.stderr());
    }

    /** In the last column, what the line has in it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "exec --connect-deadline -5 --socket /x y | --connect-deadline: '-5' is no time",
        "exec --sokcet /x -- y | unknown option: '--sokcet'",
        "exec -- y | missing: --socket PATH",
        "exec --socket /x | missing: COMMAND [ARG...]",
        "exec --socket /etc/passwd y | it is not a socket",
        "exec --socket /tmp/nobody-listens-here y | no relay listens there, or not yet",
        "completion | missing: SHELL (one of bash, zsh)",
        "exec --wait -1 --socket /x y | --wait: '-1' is no time",
        "exec --wait 5x --socket /x y | --wait: '5x' is no time",
        "exec --wait 99999999h --socket /x y | '99999999h'",
        "exec --start-deadline 1.5 --socket /x y | --start-deadline: '1.5' is no time",
        "run --start-deadline soon y | --start-deadline: 'soon' is no time",
        "relay --guest ring:/tmp/x/../p --listen range:/tmp/p | --listen: /tmp/p is where the guest is",
        "relay --guest ring:/tmp/p --listen /tmp/q --listen range:/tmp/q | --listen: /tmp/q is given twice",
        "relay --guest ring:/tmp/p --listen /tmp/q --metrics unix:/tmp/x/../q | --metrics: /tmp/q is where clients are served, by --listen",
        "relay --guest ring:/tmp/p --listen /tmp/q --counters-file /tmp/p | --counters-file: /tmp/p is where the guest is, by --guest",
        "relay --guest ring:/tmp/p --listen /tmp/q --exec-log /tmp/q | --exec-log: /tmp/q is where clients are served, by --listen",
        "relay --guest ring:/tmp/p --listen /tmp/q --ready-deadline -3 | ready-deadline: '-3'",
        "relay --guest ring:/tmp/p --listen /tmp/q --max-clients 1s | max-clients: '1s'",
        "relay --guest foo:/x --listen /tmp/q | --guest: 'foo:/x' is no port address (wanted: ring:PATH, ",
        "agent --port ring: | --port: 'ring:' has no path (wanted: ring:PATH, ",
        "agent --port ring:/tmp/nosuch --max-sessions -3 | -3"})
    void saysWhichValueIsWrong(final String arguments, final String part) throws Exception {
        final SluiceProcess.Result result = wrongUse(arguments.split(" "));
        assertEquals(125, result.exitCode(), result.stderr());
        assertTrue(result.stderr().matches("sluice: .*\n") && result.stderr().contains(part), result.stderr());
    }

    @ParameterizedTest
    @CsvSource({"relay --guest ring:/tmp/p --listen, --listen", "agent --port, --port", "exec --socket, --socket"})
    void saysThatAPathIsEmptyOrNoText(final String arguments, final String option) throws Exception {
        final String program = arguments.startsWith("exec") ? " true" : "";
        final List<String> line = new ArrayList<>(
            List.of("sh", "-c", "value=$(printf \"$1\"); shift; exec \"$@\" \"$value\"" + program, "sh", ""));
        line.addAll(SluiceProcess.commandLine(temporary, arguments.split(" ")));
        assertEquals("sluice: " + option + ": '' is no path\n", wrongUse(line));
        line.set(line.indexOf(""), "unix:/tmp/\\377");
        final String message = wrongUse(line);
        assertTrue(message.matches("sluice: " + option + ": not UTF-8, use another name: 'unix:/tmp/.*'\n"), message);
    }

    /** In this process, but for what would leave it otherwise than it was: relays and agents choose how it logs. */
    private SluiceProcess.Result wrongUse(final String... arguments) throws Exception {
        final boolean serves = arguments.length > 0 && List.of("relay", "agent").contains(arguments[0]);
        return serves ? SluiceProcess.run(temporary, NOTHING, arguments) : InProcess.run(arguments);
    }

    private static String wrongUse(final List<String> commandLine) throws Exception {
        final SluiceProcess.Result result = SluiceProcess.start(new ProcessBuilder(commandLine)).await();
        assertEquals(125, result.exitCode(), result.stderr());
        return result.stderr();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "nosuch", "exec", "exec --socket /x", "exec --socket /x -e NOVALUE x", "run", "run --nosuch x",
        "relay --guest nonsense:/x --listen /y", "relay --guest ring:/x", "agent", "agent --port ring:"})
    void saysInOneLineWhatWasCalledWrongly(final String arguments) throws Exception {
        final String[] split = arguments.isEmpty() ? new String[0] : arguments.split(" ");
        final SluiceProcess.Result result = wrongUse(split);
        assertEquals(125, result.exitCode(), result.stderr());
        assertTrue(result.stderr().matches("sluice: .*\n"), result.stderr());
        assertEquals(0, result.stdout().length);
    }
}
