package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What whole processes have to live with: an agent that is stopped, a storm of clients, descriptors that run out. */
@TimeLimit(seconds = 300)
class ProcessFaultsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int STORM = Full.isOn() ? 100_000 : 5_000;
    private static final int FEW_DESCRIPTORS = 60;
    private static final int MORE_CLIENTS = 80;

    @ParameterizedTest
    @EnumSource
    void b4_clientsOfAnAgentThatIsStoppedAreToldAndTheNextAgentIsServed(final Console console) throws Exception {
        try (Sandbox sandbox = Sandbox.start(console, "--stall-deadline", "1s")) {
            try (Wire sender = Wire.connect(sandbox.socket(), LIMIT); Wire other = Wire.connect(sandbox.socket(), LIMIT)) {
                sandbox.agent().signal("STOP");
                final CompletableFuture<Void> flooding = flood(sender);
                assertEnds(other);
                assertEnds(sender);
                flooding.handle((nothing, failure) -> null).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            assertTrue(sandbox.relay().stderr().text().contains("the guest has read nothing for 1s"), sandbox::said);
            sandbox.startAgent();
            try (SandboxClient client = sandbox.connect()) {
                assertEquals("served\n", client.exec("echo", "served").stdoutText());
            }
        }
    }

    @Test
    void b4_relayOfAnAgentThatIsStoppedCanBeToldToEnd() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING); Wire sender = Wire.connect(sandbox.socket(), LIMIT)) {
            sandbox.agent().signal("STOP");
            final CompletableFuture<Void> flooding = flood(sender);
            sandbox.relay().terminate();
            assertEquals(0, sandbox.relay().awaitExit(LIMIT));
            flooding.handle((nothing, failure) -> null).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** More than relay and ring hold, so that it only ends with the connection. */
    private static CompletableFuture<Void> flood(final Wire client) {
        final byte[] frame = Wire.frame(client.id(1), new byte[60_000]);
        return CompletableFuture.runAsync(() -> {
            try {
                while (true) {
                    client.write(frame);
                }
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void assertEnds(final Wire client) {
        try {
            while (true) {
                client.readSome();
            }
        } catch (final IOException e) {
            // That is the end, with or without bytes of ours that nobody read.
            return;
        }
    }

    @Test
    void c4_stormOfClientsLeavesNothing() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient good = sandbox.connect()) {
            assertEquals("before\n", good.exec("echo", "before").stdoutText());
            final ProcessUsage before = ProcessUsage.settled(sandbox.relay(), LIMIT);
            for (int i = 0; i < STORM; i++) {
                SocketChannel.open(UnixDomainSocketAddress.of(sandbox.socket())).close();
            }
            assertEquals("after\n", good.exec("echo", "after").stdoutText());
            ProcessUsage.awaitSame(sandbox.relay(), before, LIMIT);
        }
    }

    @Test
    void f1_wantOfDescriptorsKeepsNewClientsWaitingAndHurtsNobodyElse() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient good = sandbox.connect()) {
            limitDescriptors(sandbox.relay(), FEW_DESCRIPTORS);
            final List<SocketChannel> waiting = new ArrayList<>();
            try {
                for (int i = 0; i < MORE_CLIENTS; i++) {
                    waiting.add(SocketChannel.open(UnixDomainSocketAddress.of(sandbox.socket())));
                }
                Await.until(sandbox::said, LIMIT, () -> sandbox.relay().stderr().text().contains("EMFILE"));
                assertEquals("served\n", good.exec("echo", "served").stdoutText());
            } finally {
                for (final SocketChannel channel : waiting) {
                    channel.close();
                }
            }
            try (SandboxClient next = sandbox.connect()) {
                assertEquals("again\n", next.exec("echo", "again").stdoutText());
            }
        }
    }

    private static void limitDescriptors(final Program program, final int count) throws Exception {
        final Process prlimit =
            new ProcessBuilder("prlimit", "--pid", String.valueOf(program.pid()), "--nofile=" + count).inheritIO().start();
        assertEquals(0, prlimit.waitFor(), "prlimit");
    }
}
