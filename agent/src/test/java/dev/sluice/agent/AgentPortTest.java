package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import dev.sluice.port.Port;
import dev.sluice.port.PortAddress;
import dev.sluice.port.PortSource;
import dev.sluice.port.PortSources;
import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecExited;
import dev.sluice.protocol.ExecFailed;
import dev.sluice.protocol.DataMessage;
import dev.sluice.protocol.ExecStarted;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.Ready;
import dev.sluice.protocol.Shutdown;
import dev.sluice.testsupport.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentPortTest {
    @TempDir
    private Path directory;

    private static byte[] frame(final int id, final int flags, final byte... body) {
        return ByteBuffer.allocate(9 + body.length).putInt(5 + body.length).putInt(id).put((byte) flags).put(body).array();
    }

    @Test
    void framesThatCannotBeDecodedEndNothing() throws Exception {
        final Random random = new Random(Seeds.next("junk frames"));
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            host.exec(1, "cat");
            for (int i = 0; i < 200; i++) {
                final byte[] body = new byte[random.nextInt(200)];
                random.nextBytes(body);
                host.sendRaw(frame(random.nextBoolean() ? 0 : 2 + random.nextInt(Integer.MAX_VALUE - 2), random.nextInt(8), body));
            }
            host.sendRaw(frame(1, 0, "\u00a3av\u0001atdsomeap@".getBytes(StandardCharsets.ISO_8859_1)));
            host.stdin(1, (byte) 'x');
            host.stdin(1);
            assertEquals("x", host.collect(1).out());
            assertEquals(200, agent.count(AgentCounter.FRAMES_UNDECODABLE));
            assertEquals(1, agent.count(AgentCounter.FRAMES_UNKNOWN_TYPE));
        }
    }

    @Test
    void aRequestThatIsNotUnderstoodIsAnswered() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            // {v: 1, t: "core.exec.request", p: {}}: no command in it.
            final byte[] body = "\u00a3av\u0001atqcore.exec.requestapA\u00a0".getBytes(StandardCharsets.ISO_8859_1);
            agent.host().sendRaw(frame(5, 2, body));
            final ExecFailed failed = agent.host().collect(5).failed();
            assertEquals(ExecFailed.Kind.BAD_ARGS, failed.kind());
            assertTrue(failed.message().contains("cmd"), failed.message());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 4194305, Integer.MAX_VALUE, -1})
    void aLengthThatNoFrameHasEndsThePortAndItsPrograms(final int length) throws Exception {
        try (TestAgent agent = TestAgent.start(context -> context.host().awaitNext(true).grace(Duration.ZERO))) {
            final HostEnd first = agent.host();
            first.exec(1, "sleep", "1000");
            final long pid = first.next().as(ExecStarted.class).pid();
            first.sendRaw(ByteBuffer.allocate(20).putInt(length).array());
            assertThrows(EOFException.class, () -> first.next());
            AgentExecTest.awaitGone(pid);
            first.close();
            final HostEnd second = agent.nextHost();
            assertInstanceOf(Ready.class, agent.greeting().message());
            assertEquals("ok\n", second.run(1, HostEnd.request("echo", "ok")).out(), "the next host begins anew");
            assertEquals(1, agent.count(AgentCounter.FRAMING_BROKEN));
        }
    }

    @Test
    void aHostThatGoesInTheMiddleOfEverythingLeavesNothing() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            final HostEnd host = agent.host();
            for (int id = 1; id <= 20; id++) {
                host.exec(id, "sh", "-c", "sleep 1000 & yes");
            }
            final long pid = host.next().as(ExecStarted.class).pid();
            host.sendRaw(new byte[] {0, 0});
            host.close();
            assertEquals(AgentOutcome.HOST_LOST, agent.outcome());
            AgentExecTest.awaitGone(pid);
            assertEquals(20, agent.count(AgentCounter.SESSIONS_ABANDONED));
        }
    }

    @Test
    void aHostThatGoesWhileItsFramesAreLeftUnreadIsNoticed() throws Exception {
        try (TestAgent agent = TestAgent.start(context -> context.input().stallLimit(Duration.ofHours(1)))) {
            final HostEnd host = agent.host();
            host.exec(1, "sleep", "1000");
            final long pid = host.next().as(ExecStarted.class).pid();
            // More than is kept for a program that does not read it, from a host without windows.
            final ByteBuffer flood = ByteBuffer.wrap(
                HostEnd.encode(1, new DataMessage(MessageType.EXEC_STDIN, ByteString.copyOf(new byte[64 * 1024]))));
            while (agent.count(AgentCounter.STDIN_STALLS) == 0) {
                host.offer(flood.hasRemaining() ? flood : flood.rewind());
            }
            host.close();
            assertEquals(AgentOutcome.HOST_LOST, agent.outcome());
            AgentExecTest.awaitGone(pid);
        }
    }

    @Test
    void aListeningAgentServesOneHostAfterTheOther() throws Exception {
        final Path path = directory.resolve("listen.sock");
        final AgentContext context = new AgentContext().portAddress(new PortAddress(PortAddress.Kind.UNIX_LISTEN, path.toString()));
        try (Agent agent = new Agent(context)) {
            final CompletableFuture<AgentOutcome> outcome = new CompletableFuture<>();
            final Thread thread = runOnThread(agent, outcome);
            for (int i = 0; i < 5; i++) {
                try (HostEnd host = new HostEnd(new SocketTransport(SocketChannel.open(UnixDomainSocketAddress.of(path))))) {
                    assertInstanceOf(Ready.class, host.next().message());
                    assertEquals("ok\n", host.run(1, HostEnd.request("echo", "ok")).out());
                    host.exec(2, "sleep", "1000");
                }
            }
            agent.shutdown();
            assertEquals(AgentOutcome.STOPPED, outcome.get(10, TimeUnit.SECONDS));
            thread.join();
        }
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

    @ParameterizedTest
    @CsvSource({"UNIX, nobody listens", "RING, nobody listens", "UNIX_LISTEN, nobody has connected", "FILE, it is not there"})
    void anAgentWithoutAHostSaysSoAfterAWhile(final PortAddress.Kind kind, final String reason) throws Exception {
        final Waiting waiting = new Waiting();
        final PortAddress address = new PortAddress(kind, directory.resolve("port").toString());
        try (Agent agent = new Agent(new AgentContext().portAddress(address).listener(waiting).guardian(false))) {
            final Thread thread = runOnThread(agent, new CompletableFuture<>());
            assertTrue(waiting.told.get(10, TimeUnit.SECONDS).startsWith(reason), waiting.told.join());
            agent.shutdown();
            thread.join();
            assertEquals(1, waiting.times.get());
        }
    }

    @Test
    void aSecondAgentAtARingSaysThatTheHostIsBusy() throws Exception {
        final PortAddress address = new PortAddress(PortAddress.Kind.RING, directory.resolve("ring.sock").toString());
        final Waiting waiting = new Waiting();
        try (PortSource source = PortSources.host(Posix.system(), address);
            Agent agent = new Agent(new AgentContext().portAddress(address).listener(waiting).guardian(false))) {
            assertTrue(source.fd() >= 0);
            final Thread thread = runOnThread(agent, new CompletableFuture<>());
            assertTrue(waiting.told.get(10, TimeUnit.SECONDS).contains("serving somebody else"), waiting.told.join());
            agent.shutdown();
            thread.join();
        }
    }

    /** Hears of an agent's waiting for a host. */
    private static final class Waiting implements AgentListener {
        private final CompletableFuture<String> told = new CompletableFuture<>();
        private final AtomicInteger times = new AtomicInteger();

        @Override
        public void onWaiting(final String reason) {
            times.incrementAndGet();
            told.complete(reason);
        }
    }

    @Test
    void aRingCarriesTheSame() throws Exception {
        final PortAddress address = new PortAddress(PortAddress.Kind.RING, directory.resolve("ring.sock").toString());
        try (PortSource source = PortSources.host(Posix.system(), address);
            Agent agent = new Agent(new AgentContext().portAddress(address))) {
            final CompletableFuture<AgentOutcome> outcome = new CompletableFuture<>();
            final Thread thread = runOnThread(agent, outcome);
            Port port = source.tryOpen();
            while (port == null) {
                Thread.onSpinWait();
                port = source.tryOpen();
            }
            try (HostEnd host = new HostEnd(new PortTransport(Posix.system(), port))) {
                assertInstanceOf(Ready.class, host.next().message());
                final byte[] input = new byte[10 * 1024 * 1024];
                new Random(Seeds.next("input")).nextBytes(input);
                host.send(1, HostEnd.request("tee", "/dev/stderr").sluiceWindow(300_000).build());
                final ExecResult result =
                    new WindowedPeer(host, 1, InputOptions.WINDOW_DEFAULT, 300_000, input, 64 * 1024).run();
                assertArrayEquals(input, result.stdout.toByteArray());
                assertArrayEquals(input, result.stderr.toByteArray());
                for (int i = 0; i < 50; i++) {
                    assertEquals(i, host.run(2, HostEnd.shell("exit " + i)).exited().code());
                }
                host.exec(3, "yes");
            }
            assertEquals(AgentOutcome.HOST_LOST, outcome.get(10, TimeUnit.SECONDS));
            thread.join();
        }
    }

    @Test
    void h19_shutdownLetsProgramsEndThenKillsThemAndTellsTheirClients() throws Exception {
        try (TestAgent agent = TestAgent.start(context -> context.shutdownGrace(Duration.ofMillis(300)))) {
            final HostEnd host = agent.host();
            host.exec(1, "sh", "-c", "trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.01; done");
            host.exec(2, "sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.01; done");
            final ExecResult polite = new ExecResult();
            final ExecResult stubborn = new ExecResult();
            while (polite.stdout.size() == 0 || stubborn.stdout.size() == 0) {
                final HostEnd.Received frame = host.next();
                (frame.id() == 1 ? polite : stubborn).take(frame);
            }
            host.send(0, new Shutdown());
            host.exec(3, "true");
            ExecFailed refused = null;
            while (polite.terminal == null || stubborn.terminal == null || refused == null) {
                final HostEnd.Received frame = host.next();
                if (frame.id() == 3) {
                    refused = frame.as(ExecFailed.class);
                } else {
                    (frame.id() == 1 ? polite : stubborn).take(frame);
                }
            }
            assertEquals(new ExecExited(5, 0, false), polite.exited());
            assertEquals("up\nbye\n", polite.out());
            assertEquals(new ExecExited(137, 9, false), stubborn.exited());
            assertEquals(AgentOutcome.SHUT_DOWN, agent.outcome());
            assertThrows(EOFException.class, host::next);
        }
    }

    @Test
    void shutdownOfASessionIsNone() throws Exception {
        try (TestAgent agent = TestAgent.start()) {
            agent.host().send(7, new Shutdown());
            assertEquals("ok\n", agent.host().run(1, HostEnd.request("echo", "ok")).out());
        }
    }

    @Test
    void closeEndsEveryProgram() throws Exception {
        final TestAgent agent = TestAgent.start();
        try (agent) {
            agent.host().exec(1, "sh", "-c", "trap '' TERM HUP INT; sleep 1000");
            agent.host().exec(2, "sh", "-c", "yes");
            final long pid = agent.host().next().as(ExecStarted.class).pid();
            agent.agent().close();
            assertEquals(AgentOutcome.STOPPED, agent.outcome());
            AgentExecTest.awaitGone(pid);
        }
        agent.agent().close();
        assertThrows(IllegalStateException.class, () -> agent.agent().run());
    }

    @Test
    void anAgentThatNeverRanIsClosedToo() throws Exception {
        final PortAddress address = new PortAddress(PortAddress.Kind.UNIX_LISTEN, directory.resolve("never.sock").toString());
        final Agent agent = new Agent(new AgentContext().portAddress(address));
        agent.close();
        agent.close();
    }

    @Test
    void aPortThatCanNeverBeOpenedIsSaidSo() throws Exception {
        final PortAddress address = new PortAddress(PortAddress.Kind.FILE, directory.toString());
        try (Agent agent = new Agent(new AgentContext().portAddress(address))) {
            final IOException e = assertThrows(IOException.class, agent::run);
            assertTrue(e.getMessage().contains(directory.toString()), e.getMessage());
        }
    }

    @Test
    void optionsOutOfRangeAreNamed() {
        final AgentContext context = new AgentContext().portAddress(PortAddress.parse("unix:/nosuch"));
        context.input().window(1);
        final IllegalArgumentException e = assertThrows(IllegalArgumentException.class, context::conclude);
        assertTrue(e.getMessage().startsWith("stdin window: 1 "), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new AgentContext().conclude());
        final AgentContext concluded = new AgentContext().portAddress(PortAddress.parse("unix:/nosuch")).conclude();
        assertThrows(IllegalStateException.class, () -> concluded.maxSessions(1));
    }

    @Test
    void anEnvironmentCanBeGiven() throws Exception {
        try (TestAgent agent = TestAgent.start(context -> context.guardian(false).environment(List.of(ByteString.of("ONLY=1"))))) {
            assertEquals(
                "ONLY=1\nPATH=" + ChildEnvironment.DEFAULT_PATH + "\n", agent.host().run(1, HostEnd.request("/usr/bin/env")).out());
        }
    }
}
