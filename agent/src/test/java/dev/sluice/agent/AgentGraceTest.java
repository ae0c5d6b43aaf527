package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.port.Port;
import dev.sluice.port.PortAddress;
import dev.sluice.port.PortSource;
import dev.sluice.port.PortSources;
import dev.sluice.protocol.ClientDisconnected;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.ExecSignal;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Ready;
import dev.sluice.protocol.TcpConnect;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that go and come while programs run. */
class AgentGraceTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final int SIGKILL = 9;
    private static final int MEBIBYTE = 1024 * 1024;
    /** Fixed: what happens when is the machine's choice anyway. */
    private static final long HOSTS_SEED = 20_240_229;
    private static final String ENDLESS = "while :; do sleep 0.01; done";

    @TempDir
    private Path directory;

    private static TestAgent start(final Duration grace, final Consumer<AgentContext> options) throws IOException {
        return TestAgent.start(context -> {
            context.host().awaitNext(true).grace(grace);
            options.accept(context);
        });
    }

    private static TestAgent start(final Duration grace) throws IOException {
        return start(grace, context -> { });
    }

    private static void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadlineNs < 0, what);
            Thread.onSpinWait();
        }
    }

    private Path file(final String name) {
        return directory.resolve(name);
    }

    private void awaitFile(final String name) {
        await(name, () -> Files.exists(file(name)));
    }

    static void awaitCount(final TestAgent agent, final AgentCounter counter, final long value) {
        await(counter + " " + agent.count(counter) + ", not " + value, () -> agent.count(counter) == value);
    }

    private String byeWhenTold() {
        return "trap 'echo bye > " + file("bye") + "; exit' TERM";
    }

    /** Starts a program, and waits until it runs. @return its pid */
    private static long startShell(final HostEnd host, final int id, final String script) throws IOException {
        return startShell(host, id, ":", script);
    }

    /** Starts a program, and waits until it is prepared. @return its pid */
    private static long startShell(final HostEnd host, final int id, final String preparation, final String script) throws IOException {
        host.send(id, HostEnd.shell(preparation + "\necho; " + script).build());
        final long pid = host.next().as(ExecStarted.class).pid();
        assertEquals(MessageType.EXEC_STDOUT, host.next().message().type());
        return pid;
    }

    /** The host goes, and the agent has noticed. */
    private static void lose(final TestAgent agent) throws IOException {
        final long lost = agent.count(AgentCounter.PORTS_LOST);
        agent.host().close();
        awaitCount(agent, AgentCounter.PORTS_LOST, lost + 1);
    }

    @Test
    void programsRunOnAndNobodyIsSentWhatTheyWrite() throws Exception {
        try (TestAgent agent = start(LONG)) {
            final long pid = startShell(agent.host(), 1,
                "head -c 16777216 /dev/zero; head -c 16777216 /dev/zero >&2; touch " + file("written")
                    + "; while :; do echo stale; sleep 0.01; done");
            lose(agent);
            awaitFile("written");
            awaitCount(agent, AgentCounter.EXEC_DETACHED, 1);
            assertTrue(agent.count(AgentCounter.EXEC_OUTPUT_DROPPED_BYTES) > 24 * MEBIBYTE);
            final HostEnd second = agent.nextHost();
            assertInstanceOf(Ready.class, agent.greeting().message());
            for (int i = 0; i < 20; i++) {
                final ExecResult result = second.run(1, HostEnd.shell("echo fresh; echo fresher >&2; exit 3"));
                assertEquals("fresh\n", result.out());
                assertEquals("fresher\n", result.err());
                assertEquals(new ExecExited(3, 0, false), result.exited());
            }
            assertTrue(Files.exists(Path.of("/proc/" + pid)));
            assertEquals(1, agent.count(AgentCounter.SESSIONS_DETACHED));
            agent.agent().close();
            AgentExecTest.awaitGone(pid);
        }
    }

    @Test
    void aProgramThatEndsMeanwhileIsReaped() throws Exception {
        try (TestAgent agent = start(LONG)) {
            final long pid = startShell(agent.host(), 1, "while [ ! -e " + file("go") + " ]; do sleep 0.01; done; echo late");
            lose(agent);
            awaitCount(agent, AgentCounter.EXEC_DETACHED, 1);
            Files.createFile(file("go"));
            awaitCount(agent, AgentCounter.EXEC_SESSIONS, 0);
            assertFalse(Files.exists(Path.of("/proc/" + pid)), "neither there nor a zombie");
            assertEquals(0, agent.count(AgentCounter.EXEC_DETACHED));
            assertEquals(1, agent.count(AgentCounter.SESSIONS_ENDED));
            assertEquals(0, agent.count(AgentCounter.SESSIONS_ABANDONED));
        }
    }

    @Test
    void whenTheGraceIsOverProgramsAreToldToEndThenKilled() throws Exception {
        // What ends by itself has to be quick enough for that also on a busy machine.
        final Duration toEnd = Duration.ofSeconds(4);
        try (TestAgent agent = start(SHORT, context -> context.shutdownGrace(toEnd))) {
            final HostEnd host = agent.host();
            final long polite = startShell(host, 1, byeWhenTold(), ENDLESS);
            final long stubborn = startShell(host, 2, "trap '' TERM", ENDLESS);
            final long lostNs = System.nanoTime();
            lose(agent);
            AgentExecTest.awaitGone(stubborn);
            assertTrue(System.nanoTime() - lostNs >= SHORT.plus(toEnd).toNanos(), "a time to run on, and one to end by itself");
            AgentExecTest.awaitGone(polite);
            assertEquals("bye\n", Files.readString(file("bye")));
            awaitCount(agent, AgentCounter.EXEC_SESSIONS, 0);
            assertEquals(1, agent.count(AgentCounter.SESSIONS_ABANDONED), "the one that had to be killed");
            assertEquals("ok\n", agent.nextHost().run(2, HostEnd.request("echo", "ok")).out());
        }
    }

    @Test
    void withoutAGraceProgramsEndWithTheirHost() throws Exception {
        try (TestAgent agent = start(Duration.ZERO)) {
            final long pid = startShell(agent.host(), 1, "sleep 1000");
            lose(agent);
            AgentExecTest.awaitGone(pid);
            assertEquals(0, agent.count(AgentCounter.SESSIONS_DETACHED));
            assertEquals(1, agent.count(AgentCounter.SESSIONS_ABANDONED));
        }
    }

    @Test
    void theNextHostDoesNotReachThem() throws Exception {
        try (TestAgent agent = start(LONG)) {
            final long pid = startShell(agent.host(), 1, "cat > " + file("input") + "; touch " + file("ended"));
            awaitFile("input");
            lose(agent);
            final HostEnd second = agent.nextHost();
            second.stdin(1, (byte) 'x');
            second.stdin(1);
            second.send(1, new ExecSignal(SIGKILL));
            second.send(0, new ClientDisconnected(1, 1000));
            assertEquals("ok\n", second.run(1, HostEnd.request("echo", "ok")).out());
            assertEquals(1, agent.count(AgentCounter.EXEC_DETACHED));
            assertTrue(Files.exists(Path.of("/proc/" + pid)));
            assertEquals(0, Files.size(file("input")));
            assertFalse(Files.exists(file("ended")), "what it had been sent was not all");
        }
    }

    @Test
    void inputThatHadComeIsGivenToTheProgramAndItsEndOnlyIfThatHadCome() throws Exception {
        try (TestAgent agent = start(LONG)) {
            final byte[] input = new byte[MEBIBYTE];
            new Random(Seeds.next("input")).nextBytes(input);
            final HostEnd host = agent.host();
            for (int id = 1; id <= 2; id++) {
                startShell(host, id, "while [ ! -e " + file("go") + " ]; do sleep 0.01; done; cat > " + file("input" + id)
                    + "; touch " + file("ended" + id) + "; sleep 1000");
                host.stdin(id, input);
            }
            host.stdin(2);
            // What has been read from the port is the agent's: an answer to a later frame says that it has.
            host.exec(3, "true");
            host.collect(3);
            lose(agent);
            Files.createFile(file("go"));
            awaitFile("ended2");
            assertArrayEquals(input, Files.readAllBytes(file("input2")));
            await("all of the other input", () -> {
                try {
                    return Files.exists(file("input1")) && Files.size(file("input1")) == input.length;
                } catch (final IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertArrayEquals(input, Files.readAllBytes(file("input1")));
            assertEquals("ok\n", agent.nextHost().run(1, HostEnd.request("echo", "ok")).out());
            assertFalse(Files.exists(file("ended1")));
        }
    }

    @Test
    void aTerminalIsNotHungUp() throws Exception {
        try (TestAgent agent = start(LONG)) {
            agent.host().send(1, HostEnd.shell(
                "head -c 1000000 /dev/zero; touch " + file("written") + "; " + ENDLESS).tty(24, 80).build());
            final long pid = agent.host().next().as(ExecStarted.class).pid();
            lose(agent);
            awaitFile("written");
            assertTrue(Files.exists(Path.of("/proc/" + pid)));
            agent.agent().close();
            AgentExecTest.awaitGone(pid);
        }
    }

    @Test
    void theyCountAsPrograms() throws Exception {
        try (TestAgent agent = start(LONG, context -> context.maxSessions(1))) {
            startShell(agent.host(), 1, "sleep 1000");
            lose(agent);
            assertEquals(ExecFailed.Kind.RESOURCE_LIMIT, agent.nextHost().run(1, HostEnd.request("true")).failed().kind());
        }
    }

    @Test
    void shutdownWithoutAHostLetsThemEndToo() throws Exception {
        try (TestAgent agent = start(LONG, context -> context.shutdownGrace(SHORT))) {
            final long polite = startShell(agent.host(), 1, byeWhenTold(), ENDLESS);
            final long stubborn = startShell(agent.host(), 2, "trap '' TERM; setsid sleep 1000 &", ENDLESS);
            lose(agent);
            agent.agent().shutdown();
            assertEquals(AgentOutcome.STOPPED, agent.outcome());
            AgentExecTest.awaitGone(polite);
            AgentExecTest.awaitGone(stubborn);
            assertEquals("bye\n", Files.readString(file("bye")));
        }
    }

    @Test
    void connectionsEndWithTheirHost() throws Exception {
        try (TestAgent agent = start(LONG); ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            agent.host().send(1, new TcpConnect("127.0.0.1", server.getLocalPort()));
            try (Socket socket = server.accept()) {
                socket.setSoTimeout((int) TimeUnit.NANOSECONDS.toMillis(HostEnd.LIMIT_NS));
                assertEquals(MessageType.TCP_CONNECTED, agent.host().next().message().type());
                lose(agent);
                assertThrows(SocketException.class, () -> socket.getInputStream().read(), "reset: what was sent may not have been all");
            }
            awaitCount(agent, AgentCounter.CONNECTIONS, 0);
        }
    }

    @Test
    void aHostComesBackAtARing() throws Exception {
        final PortAddress address = new PortAddress(PortAddress.Kind.RING, file("ring.sock").toString());
        final AgentContext context = new AgentContext().portAddress(address);
        context.host().awaitNext(true).grace(LONG);
        long pid;
        try (Agent agent = new Agent(context)) {
            final CompletableFuture<AgentOutcome> outcome = new CompletableFuture<>();
            final Thread thread = runOnThread(agent, outcome);
            try (PortSource source = PortSources.host(Posix.system(), address); HostEnd host = ringHost(source)) {
                assertInstanceOf(Ready.class, host.next().message());
                pid = startShell(host, 1, "while :; do echo stale; done");
            }
            // Another process at the same path, as a relay that has been started anew.
            try (PortSource source = PortSources.host(Posix.system(), address); HostEnd host = ringHost(source)) {
                assertInstanceOf(Ready.class, host.next().message());
                assertEquals("ok\n", host.run(1, HostEnd.request("echo", "ok")).out());
                assertEquals(1, agent.counters().get(AgentCounter.EXEC_DETACHED));
                assertTrue(Files.exists(Path.of("/proc/" + pid)));
                agent.shutdown();
                assertEquals(AgentOutcome.STOPPED, outcome.get(10, TimeUnit.SECONDS));
            }
            thread.join();
        }
        AgentExecTest.awaitGone(pid);
    }

    private static HostEnd ringHost(final PortSource source) throws IOException {
        final long deadlineNs = System.nanoTime() + HostEnd.LIMIT_NS;
        Port port = source.tryOpen();
        while (port == null) {
            assertTrue(System.nanoTime() - deadlineNs < 0, "the agent does not come");
            Thread.onSpinWait();
            port = source.tryOpen();
        }
        return new HostEnd(new PortTransport(Posix.system(), port));
    }

    private static Thread runOnThread(final Agent agent, final CompletableFuture<AgentOutcome> outcome) {
        return Thread.ofPlatform().name("test-agent").start(() -> {
            try {
                outcome.complete(agent.run());
            } catch (final Throwable e) {
                outcome.completeExceptionally(e);
            }
        });
    }

    @Test
    void aHostComesBackAtASocketThatTheAgentListensAt() throws Exception {
        final Path path = file("listen.sock");
        final AgentContext context = new AgentContext().portAddress(new PortAddress(PortAddress.Kind.UNIX_LISTEN, path.toString()));
        try (Agent agent = new Agent(context)) {
            final CompletableFuture<AgentOutcome> outcome = new CompletableFuture<>();
            final Thread thread = runOnThread(agent, outcome);
            for (int i = 0; i < 3; i++) {
                try (HostEnd host = new HostEnd(new SocketTransport(SocketChannel.open(UnixDomainSocketAddress.of(path))))) {
                    assertInstanceOf(Ready.class, host.next().message());
                    startShell(host, 1, "while :; do echo stale; sleep 0.01; done");
                    assertEquals(i, agent.counters().get(AgentCounter.EXEC_DETACHED), "a minute is the default");
                }
            }
            agent.shutdown();
            assertEquals(AgentOutcome.STOPPED, outcome.get(10, TimeUnit.SECONDS));
            thread.join();
        }
    }

    /** Hosts come and go at any moment, with programs that start, run, flood, end, and do not want to: none ever sees another's. */
    @Test
    void whateverHappensAHostSeesItsOwnProgramsAlone() throws Exception {
        final Random random = new Random(HOSTS_SEED);
        final int hosts = 12;
        try (TestAgent agent = start(Duration.ofMillis(200), context -> context.shutdownGrace(Duration.ofMillis(50)))) {
            for (int number = 0; number < hosts; number++) {
                // One letter, since output may be cut anywhere.
                final String mark = Character.toString('A' + number);
                final HostEnd host = number == 0 ? agent.host() : agent.nextHost();
                assertInstanceOf(Ready.class, agent.greeting().message());
                final int programs = 1 + random.nextInt(6);
                for (int id = 1; id <= programs; id++) {
                    host.send(id, HostEnd.shell(script(random.nextInt(5), mark)).build());
                }
                for (int frames = random.nextInt(30); frames > 0; frames--) {
                    final HostEnd.Received frame = host.next(TimeUnit.MILLISECONDS.toNanos(20));
                    if (frame != null && frame.message() instanceof final DataMessage data) {
                        assertTrue(frame.id() >= 1 && frame.id() <= programs, frame.toString());
                        assertEquals("", data.data().toString().replace(mark, "").strip(), "of another host");
                    }
                }
                if (random.nextBoolean()) {
                    host.sendRaw(new byte[random.nextInt(4)]);
                }
                lose(agent);
            }
            awaitCount(agent, AgentCounter.EXEC_SESSIONS, 0);
            assertEquals(0, agent.count(AgentCounter.EXEC_DETACHED));
            assertEquals("ok\n", agent.nextHost().run(1, HostEnd.request("echo", "ok")).out());
        }
    }

    private static String script(final int kind, final String mark) {
        return switch (kind) {
            case 0 -> "echo " + mark;
            case 1 -> "yes " + mark;
            case 2 -> "trap '' TERM HUP; while :; do echo " + mark + "; sleep 0.01; done";
            case 3 -> "echo " + mark + "; sleep 1000 & exit 0";
            default -> "echo " + mark + "; exec cat";
        };
    }
}
