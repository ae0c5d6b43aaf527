package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.TcpStream;
import dev.sluice.testsupport.Seeds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sluice forward} as a process, before servers of this test, which the sandbox can reach as it is on this machine. */
class ForwardCommandTest {
    private static final int TIMEOUT_MS = 30_000;
    private static final Pattern LISTENING = Pattern.compile("forwarding 127\\.0\\.0\\.1:([0-9]+) to ");

    @TempDir
    private static Path shared;

    private static RunningSandbox sandbox;

    @TempDir
    private Path temporary;

    private ServerSocket server;
    private SluiceProcess forward;

    @BeforeAll
    static void startSandbox() throws Exception {
        sandbox = RunningSandbox.start(shared);
    }

    @AfterAll
    static void endSandbox() throws Exception {
        sandbox.end();
    }

    @BeforeEach
    void listen() throws Exception {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setSoTimeout(TIMEOUT_MS);
    }

    @AfterEach
    void end() throws Exception {
        server.close();
        if (forward != null) {
            forward.process().destroyForcibly();
            forward.await();
        }
    }

    private String target() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** Starts it at a port that it chooses, and says which. */
    private int start(final String... options) throws Exception {
        final List<String> arguments = new ArrayList<>(List.of("forward", "--socket", "@"));
        arguments.addAll(List.of(options));
        arguments.add("0:" + target());
        forward = sandbox.start(arguments.toArray(String[]::new));
        forward.awaitOutput(" to " + target() + "\n");
        final Matcher line = LISTENING.matcher(forward.output());
        assertTrue(line.find(), forward.output());
        return Integer.parseInt(line.group(1));
    }

    private static Socket connect(final int port) throws IOException {
        final Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
        socket.setSoTimeout(TIMEOUT_MS);
        return socket;
    }

    private Socket accept() throws IOException {
        final Socket socket = server.accept();
        socket.setSoTimeout(TIMEOUT_MS);
        return socket;
    }

    private static byte[] random(final String name, final int length) {
        final byte[] bytes = new byte[length];
        new Random(Seeds.next(name)).nextBytes(bytes);
        return bytes;
    }

    @Test
    void carriesBytesBothWaysAndEachEndByItself() throws Exception {
        final int port = start();
        final byte[] question = random("question", 3_000_000);
        final byte[] answer = random("answer", 2_000_000);
        try (Socket here = connect(port); Socket there = accept(); ExecutorService threads = Executors.newCachedThreadPool()) {
            final Future<byte[]> asked = threads.submit(() -> there.getInputStream().readAllBytes());
            here.getOutputStream().write(question);
            here.shutdownOutput();
            // All of it, and its end, while the other direction has not begun.
            assertArrayEquals(question, asked.get(TIMEOUT_MS, TimeUnit.MILLISECONDS));
            final Future<byte[]> answered = threads.submit(() -> here.getInputStream().readAllBytes());
            there.getOutputStream().write(answer);
            there.shutdownOutput();
            assertArrayEquals(answer, answered.get(TIMEOUT_MS, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    void theServerMayEndItsDirectionFirst() throws Exception {
        final int port = start();
        try (Socket here = connect(port); Socket there = accept()) {
            there.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII));
            there.shutdownOutput();
            assertEquals("bye", new String(here.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            here.getOutputStream().write("but".getBytes(StandardCharsets.US_ASCII));
            here.shutdownOutput();
            assertEquals("but", new String(there.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    /** A server that has said all it had to say, and comes to the end of what it was sent when our side, or all of us, has gone. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anUploadArrivesWholeAtAServerThatEndsFirstAndReadsLate(final boolean interrupted) throws Exception {
        // What is not read does not fit the kernel's buffers.
        server.setReceiveBufferSize(4096);
        final int port = start();
        final byte[] upload = random("upload", lengthThatIsTakenUnread() - 64 * 1024);
        try (Socket here = connect(port); Socket there = accept(); ExecutorService threads = Executors.newCachedThreadPool()) {
            there.shutdownOutput();
            assertEquals(-1, here.getInputStream().read());
            threads.submit(() -> {
                here.getOutputStream().write(upload);
                here.shutdownOutput();
                return null;
            });
            final ByteArrayOutputStream arrived = new ByteArrayOutputStream();
            for (int look = 1; isHeld(port, here.getLocalPort()); look++) {
                Thread.sleep(20);
                if (look % 100 == 0) {
                    // Less is taken than was: so some more is read now.
                    arrived.writeBytes(there.getInputStream().readNBytes(10_000));
                }
            }
            // The rest lies with the agent and in the kernel.
            if (interrupted) {
                forward.signal("INT");
                assertEquals(0, forward.await().exitCode());
            }
            arrived.writeBytes(there.getInputStream().readAllBytes());
            assertArrayEquals(upload, arrived.toByteArray());
        }
    }

    /** Tells whether a process has a TCP socket with those ports. Source: proc_net(5), whose eighth number is the inode, 0 without one. */
    private static boolean isHeld(final int localPort, final int remotePort) throws IOException {
        final Pattern line = Pattern.compile(String.format(" *[0-9]+: [0-9A-F]+:%04X [0-9A-F]+:%04X .*", localPort, remotePort));
        for (final String table : List.of("tcp", "tcp6")) {
            for (final String socket : Files.readAllLines(Path.of("/proc/net", table))) {
                if (line.matcher(socket).matches() && !"0".equals(socket.strip().split(" +")[9])) {
                    return true;
                }
            }
        }
        return false;
    }

    /** How much of a connection's data goes on its way when the server reads none: the agent and the kernel are full then. */
    private int lengthThatIsTakenUnread() throws Exception {
        final AtomicInteger taken = new AtomicInteger();
        final Thread writer;
        try (SandboxClient client = SandboxClient.connect(Path.of(sandbox.socket()), Duration.ofMillis(TIMEOUT_MS));
            TcpStream stream = client.connectTcp("127.0.0.1", server.getLocalPort(), Duration.ofMillis(TIMEOUT_MS));
            Socket there = accept()) {
            assertTrue(there.isConnected());
            writer = Thread.ofPlatform().name("test-writer").start(() -> {
                try {
                    while (true) {
                        stream.outputStream().write(new byte[10_000]);
                        taken.addAndGet(10_000);
                    }
                } catch (final IOException e) {
                    // Closed.
                    return;
                }
            });
            int before = -1;
            while (taken.get() > before) {
                before = taken.get();
                Thread.sleep(300);
            }
        }
        writer.join();
        return taken.get();
    }

    @Test
    void manyAtOnceEachOnItsOwn() throws Exception {
        final int port = start();
        final List<Socket> here = new ArrayList<>();
        final List<Socket> there = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                here.add(connect(port));
                there.add(accept());
            }
            // One that reads nothing holds up none of the others.
            there.getFirst().getOutputStream().write(random("unread", 100_000));
            for (int i = here.size() - 1; i > 0; i--) {
                here.get(i).getOutputStream().write(i);
                assertEquals(i, there.get(i).getInputStream().read());
                there.get(i).getOutputStream().write(i + 100);
                assertEquals(i + 100, here.get(i).getInputStream().read());
            }
        } finally {
            for (final Socket socket : Stream.concat(here.stream(), there.stream()).toList()) {
                socket.close();
            }
        }
    }

    @Test
    void moreThanThereMayBeWaitTheirTurn() throws Exception {
        final int port = start("--max-connections", "1");
        try (Socket first = connect(port); Socket firstThere = accept(); Socket second = connect(port)) {
            second.getOutputStream().write(7);
            server.setSoTimeout(500);
            assertThrows(IOException.class, this::accept, "the second waits");
            server.setSoTimeout(TIMEOUT_MS);
            firstThere.shutdownOutput();
            assertEquals(-1, first.getInputStream().read());
            first.shutdownOutput();
            try (Socket secondThere = accept()) {
                assertEquals(7, secondThere.getInputStream().read());
            }
        }
    }

    @Test
    void aPlaceIsNotKeptForWhereNobodyConnects() throws Exception {
        final int port = start("--max-connections", "1", "0:" + target());
        roundTrip(port);
        final Matcher lines = LISTENING.matcher(forward.output());
        assertTrue(lines.find() && lines.find(), forward.output());
        final int other = Integer.parseInt(lines.group(1));
        assertTrue(other != port);
        roundTrip(other);
        roundTrip(port);
    }

    @Test
    void aConnectionThatIsRefusedInTheSandboxIsBrokenOffHere() throws Exception {
        final int port = start();
        server.close();
        try (Socket here = connect(port)) {
            assertThrows(SocketException.class, () -> here.getInputStream().read());
        }
        forward.awaitError("sluice: " + target() + ": ");
        assertTrue(forward.process().isAlive());
    }

    @Test
    void aPeerThatBreaksOffIsBrokenOffOnTheOtherSide() throws Exception {
        final int port = start();
        try (Socket here = connect(port); Socket there = accept()) {
            here.getOutputStream().write(1);
            assertEquals(1, there.getInputStream().read());
            reset(there);
            assertThrows(SocketException.class, () -> here.getInputStream().read());
        }
        try (Socket here = connect(port); Socket there = accept()) {
            here.getOutputStream().write(1);
            assertEquals(1, there.getInputStream().read());
            reset(here);
            // The agent knows an end only, which is what the server gets of it.
            assertEquals(-1, readToEnd(there));
        }
    }

    private static void reset(final Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static int readToEnd(final Socket socket) throws IOException {
        try {
            return socket.getInputStream().read();
        } catch (final SocketException e) {
            return -1;
        }
    }

    /** Whatever becomes of connections, nothing of them is left. */
    @Test
    void brokenPeersLeaveNoDescriptorBehind() throws Exception {
        final int port = start();
        roundTrip(port);
        final long before = descriptors();
        for (int i = 0; i < 60; i++) {
            try (Socket here = connect(port); Socket there = accept()) {
                here.getOutputStream().write(i);
                assertEquals(i, there.getInputStream().read());
                final Socket breaking = i % 2 == 0 ? here : there;
                breaking.setSoLinger(i % 4 < 2, 0);
                breaking.close();
            }
        }
        roundTrip(port);
        final long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (descriptors() > before) {
            assertTrue(System.nanoTime() < deadline, before + " descriptors before, now " + descriptors());
            Thread.sleep(20);
        }
        forward.terminate();
        assertEquals(0, forward.await().exitCode());
    }

    private void roundTrip(final int port) throws IOException {
        try (Socket here = connect(port); Socket there = accept()) {
            here.getOutputStream().write(5);
            assertEquals(5, there.getInputStream().read());
            here.shutdownOutput();
            there.shutdownOutput();
            assertEquals(-1, there.getInputStream().read());
            assertEquals(-1, here.getInputStream().read());
        }
    }

    private long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(forward.process().pid()), "fd"))) {
            return open.count();
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM", "INT"})
    void endsWhenItIsToldToWithConnectionsOpen(final String signal) throws Exception {
        final int port = start();
        try (Socket here = connect(port); Socket there = accept()) {
            assertTrue(there.isConnected());
            forward.signal(signal);
            final SluiceProcess.Result result = forward.await();
            assertEquals(0, result.exitCode(), result.stderr());
            assertEquals("", result.stderr());
            assertThrows(SocketException.class, () -> here.getInputStream().read());
            assertThrows(IOException.class, () -> connect(port).close());
        }
    }

    @Test
    void aUnixSocketIsItsOwnersAlone() throws Exception {
        final Path path = temporary.resolve("local.sock");
        // One that somebody has left, at which nobody listens.
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        forward = sandbox.start("forward", "--json", "--socket", "@", path + ":" + target());
        forward.awaitOutput("\n");
        assertEquals(path.toString(), new ObjectMapper().readTree(forward.output()).get("local").textValue());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertArrayEquals(new String[] {"local.sock"}, temporary.toFile().list());
        try (SocketChannel here = SocketChannel.open(UnixDomainSocketAddress.of(path)); Socket there = accept()) {
            here.write(ByteBuffer.wrap(new byte[] {42}));
            assertEquals(42, there.getInputStream().read());
            final SluiceProcess.Result second = sandbox.sluice("forward", "--socket", "@", path + ":" + target());
            assertEquals(125, second.exitCode());
            assertEquals("sluice: " + path + ": somebody listens there\n", second.stderr());
        }
        forward.terminate();
        assertEquals(0, forward.await().exitCode());
        assertFalse(Files.exists(path));
        Files.writeString(path, "a file");
        final SluiceProcess.Result file = sandbox.sluice("forward", "--socket", "@", path + ":" + target());
        assertEquals("sluice: " + path + ": it is no socket, and left alone\n", file.stderr());
        assertEquals("a file", Files.readString(path));
    }

    @Test
    void whatIsNoSocketOfOursStays() throws Exception {
        final Path path = temporary.resolve("local.sock");
        assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
        final SluiceProcess.Result pipe = sandbox.sluice("forward", "--socket", "@", path + ":" + target());
        assertEquals("sluice: " + path + ": it is no socket, and left alone\n", pipe.stderr());
        assertTrue(Files.exists(path));
        Files.delete(path);
        forward = sandbox.start("forward", "--socket", "@", path + ":" + target());
        forward.awaitOutput("\n");
        Files.move(path, temporary.resolve("moved"));
        Files.writeString(path, "another's");
        forward.terminate();
        assertEquals(0, forward.await().exitCode());
        assertEquals("another's", Files.readString(path));
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        final SluiceProcess.Result result = sandbox.sluice("forward", "--socket", "@", target());
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().startsWith("sluice: cannot listen at " + target() + ": "), result.stderr());
        assertEquals(1, result.stderr().lines().count(), result.stderr());
    }

    @Test
    void endsWithTheSandbox() throws Exception {
        final RunningSandbox box = RunningSandbox.start(temporary);
        forward = box.start("forward", "--socket", "@", "0:" + target());
        forward.awaitOutput(" to " + target() + "\n");
        final Matcher line = LISTENING.matcher(forward.output());
        assertTrue(line.find());
        try (Socket here = connect(Integer.parseInt(line.group(1))); Socket there = accept()) {
            final OutputStream out = there.getOutputStream();
            out.write(1);
            final InputStream in = here.getInputStream();
            assertEquals(1, in.read());
            box.kill();
            assertThrows(SocketException.class, in::read);
        }
        final SluiceProcess.Result result = forward.await();
        assertEquals(125, result.exitCode());
        assertTrue(result.stderr().contains("the sandbox has gone"), result.stderr());
    }

    /** In the last column, what the line has in it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "forward host:80 | --socket",
        "forward --socket /tmp/s | [LOCAL:]HOST:PORT",
        "forward --socket /tmp/s 80 | '80' (wanted: [LOCAL:]HOST:PORT, an IPv6 address in brackets)",
        "forward --socket /tmp/s --max-connections 0 a:1 | --max-connections: '0' (allowed: 1 and up)",
        "forward --socket /tmp/nobody-listens-here 0:a:1 | cannot connect to /tmp/nobody-listens-here: ",
    })
    void wrongUseIsExplainedInOneLine(final String commandLine, final String why) {
        final SluiceProcess.Result result = InProcess.run(commandLine.split(" "));
        assertEquals(125, result.exitCode(), result.stderr());
        assertEquals(1, result.stderr().lines().count(), result.stderr());
        assertTrue(result.stderr().startsWith("sluice: ") && result.stderr().contains(why), result.stderr());
    }
}
