package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.DeadlineExceededException;
import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecResult;
import dev.sluice.client.ExecSession;
import dev.sluice.client.InputClosedException;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.ShutdownRefusedException;
import dev.sluice.client.TcpStream;
import dev.sluice.protocol.MessageType;
import dev.sluice.testsupport.Seeds;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What the client offers, with the agent and the relay as they are shipped. */
class ClientOperationsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void runsScriptsOnTerminalsAndWithoutInput() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient client = sandbox.connect()) {
            assertEquals("out", client.shell("printf out").stdoutText());
            try (ExecSession cat = client.start(ExecOptions.command("cat").noInput().build())) {
                assertEquals(0, cat.waitFor(LIMIT));
                assertThrows(InputClosedException.class, () -> cat.stdin().write(1));
            }
            try (ExecSession shell = client.start(ExecOptions.shell("stty size; read line; stty size; exit 3").terminal(24, 80).build())) {
                assertEquals("24 80\r\n", new String(shell.stdout().readNBytes(7), StandardCharsets.US_ASCII));
                shell.resize(50, 132);
                shell.stdin().write("\n".getBytes(StandardCharsets.US_ASCII));
                assertEquals("\r\n50 132\r\n", new String(shell.stdout().readAllBytes(), StandardCharsets.US_ASCII));
                assertEquals(3, shell.toProcess().waitFor());
            }
        }
    }

    @Test
    void h19_atItsDeadlineAProgramIsKilledAndWhatItWroteIsHandedOver() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient client = sandbox.connect()) {
            final ExecOptions options =
                ExecOptions.shell("trap '' TERM; echo begun; exec sleep 600").deadline(Duration.ofSeconds(10)).build();
            final DeadlineExceededException late = assertThrows(DeadlineExceededException.class, () -> client.exec(options));
            assertEquals("begun\n", new String(late.stdout(), StandardCharsets.US_ASCII));
            final CompletableFuture<ExecResult> cancelled = client.execAsync(ExecOptions.command("sleep", "600").build());
            cancelled.cancel(true);
            final Process process = client.start(ExecOptions.command("sleep", "600").build()).toProcess();
            process.destroy();
            assertTrue(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS));
            assertEquals(128 + 15, process.exitValue());
        }
    }

    /** A server that has said all it had to say, and comes to what it is sent when our side takes no more. */
    @Test
    @SuppressWarnings("try")
    void anUploadArrivesWholeAtAServerThatEndsFirstAndReadsLate() throws Exception {
        final byte[] upload = new byte[10_000_000];
        new Random(Seeds.next("upload")).nextBytes(upload);
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient client = sandbox.connect();
            ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setReceiveBufferSize(4096);
            try (TcpStream stream = client.connectTcp("127.0.0.1", server.getLocalPort(), LIMIT); Socket there = server.accept()) {
                there.setSoTimeout((int) LIMIT.toMillis());
                there.shutdownOutput();
                assertEquals(-1, stream.inputStream().read());
                final FutureTask<Boolean> sending = new FutureTask<>(() -> {
                    stream.outputStream().write(upload);
                    stream.shutdownOutput();
                    final boolean ended = stream.awaitClosed(LIMIT);
                    stream.close();
                    return ended;
                });
                final Thread sender = Thread.ofPlatform().name("test-sender").start(sending);
                while (sender.getState() != Thread.State.WAITING && sender.getState() != Thread.State.TIMED_WAITING) {
                    Thread.onSpinWait();
                }
                assertArrayEquals(upload, there.getInputStream().readAllBytes());
                assertTrue(sending.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void pingsAndTouches() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient client = sandbox.connect()) {
            Assumptions.assumeTrue(client.supports(MessageType.PING), "the agent is of generation " + client.generation());
            assertTrue(client.ping(LIMIT).isPositive());
            final long first = client.touch(LIMIT);
            assertTrue(Long.compareUnsigned(client.touch(LIMIT), first) > 0);
        }
    }

    @Test
    void shutsTheSandboxDownUnlessTheRelayForbidsIt() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING, "--allow-shutdown", "4294967294"); SandboxClient client = sandbox.connect()) {
            assertThrows(ShutdownRefusedException.class, () -> client.shutdown(LIMIT));
            assertFalse(client.isOpen());
        }
        try (Sandbox sandbox = Sandbox.start(Console.RING); SandboxClient client = sandbox.connect()) {
            client.shutdown(LIMIT);
            assertFalse(client.isOpen());
        }
    }
}
