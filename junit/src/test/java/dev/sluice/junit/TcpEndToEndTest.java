package dev.sluice.junit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.TcpFailedException;
import dev.sluice.client.TcpStream;
import dev.sluice.testsupport.Seeds;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections through client, relay and agent, to a server of this test. */
@WithSandbox
@TimeLimit(seconds = 120)
class TcpEndToEndTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final int LENGTH = 5_000_000;

    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void bytesGoBothWaysAndEachDirectionEndsByItself(final SandboxClient sandbox) throws Exception {
        final byte[] there = new byte[LENGTH];
        final byte[] back = new byte[LENGTH];
        final Random random = new Random(Seeds.next("bytes"));
        random.nextBytes(there);
        random.nextBytes(back);
        try (TcpStream stream = connect(sandbox); Socket peer = server.accept()) {
            final CompletableFuture<Void> writing = onThread(() -> {
                stream.outputStream().write(there);
                stream.shutdownOutput();
            });
            final CompletableFuture<Void> answering = onThread(() -> {
                peer.getOutputStream().write(back);
            });
            final byte[] received = new byte[LENGTH];
            final CompletableFuture<Void> reading = onThread(() -> {
                assertEquals(LENGTH, peer.getInputStream().readNBytes(received, 0, LENGTH));
                assertEquals(-1, peer.getInputStream().read());
                peer.shutdownOutput();
            });
            final byte[] got = stream.inputStream().readNBytes(LENGTH);
            reading.get();
            writing.get();
            answering.get();
            assertArrayEquals(there, received);
            assertArrayEquals(back, got);
            assertEquals(-1, stream.inputStream().read());
        }
    }

    @Test
    void aRefusalIsTyped(final SandboxClient sandbox) throws Exception {
        final int port = server.getLocalPort();
        server.close();
        final TcpFailedException failure =
            assertThrows(TcpFailedException.class, () -> sandbox.connectTcp("127.0.0.1", port, DEADLINE));
        assertEquals("ECONNREFUSED", failure.errnoName());
    }

    @Test
    void aResetIsAFailureOfTheReader(final SandboxClient sandbox) throws Exception {
        try (TcpStream stream = connect(sandbox)) {
            try (Socket peer = server.accept()) {
                peer.setSoLinger(true, 0);
            }
            assertThrows(TcpFailedException.class, () -> stream.inputStream().read());
        }
    }

    @Test
    void closingReachesThePeer(final SandboxClient sandbox) throws Exception {
        final TcpStream stream = connect(sandbox);
        try (Socket peer = server.accept()) {
            stream.close();
            peer.setSoTimeout((int) DEADLINE.toMillis());
            int read;
            try {
                read = peer.getInputStream().read();
            } catch (final java.net.SocketException e) {
                read = -1;
            }
            assertEquals(-1, read);
        }
    }

    private TcpStream connect(final SandboxClient sandbox) throws IOException, InterruptedException {
        return sandbox.connectTcp("127.0.0.1", server.getLocalPort(), DEADLINE);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> onThread(final Work work) {
        final CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (final Exception | Error e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }
}
