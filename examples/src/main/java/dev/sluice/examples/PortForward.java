package dev.sluice.examples;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Makes a port of a sandbox one of this machine: {@code PortForward SOCKET HOST PORT [LOCAL-PORT]}. Ends with its standard input. The
 * command {@code sluice forward} does the same with limits.
 */
public final class PortForward {
    private PortForward() {
    }

    /**
     * Runs the example.
     *
     * @param args the sandbox's socket; host and port as the sandbox knows them; the port to listen at, any that is free if left out
     * @throws Exception when something fails
     */
    public static void main(final String[] args) throws Exception {
        final String host = args[1];
        final int port = Integer.parseInt(args[2]);
        final int localPort = args.length > 3 ? Integer.parseInt(args[3]) : 0;
        try (SandboxClient sandbox = SandboxClient.connect(Path.of(args[0]), Duration.ofSeconds(10));
            ServerSocket server = new ServerSocket(localPort, 50, InetAddress.getLoopbackAddress())) {
            System.out.println("listening at port " + server.getLocalPort());
            Thread.ofVirtual().start(() -> acceptAll(server, sandbox, host, port));
            System.in.transferTo(System.out);
        }
    }

    private static void acceptAll(final ServerSocket server, final SandboxClient sandbox, final String host, final int port) {
        while (!server.isClosed()) {
            try {
                final Socket here = server.accept();
                Thread.ofVirtual().start(() -> carry(here, sandbox, host, port));
            } catch (final IOException e) {
                // Closed: the end.
                return;
            }
        }
    }

    private static void carry(final Socket here, final SandboxClient sandbox, final String host, final int port) {
        try (here; TcpStream there = sandbox.connectTcp(host, port, Duration.ofSeconds(30))) {
            final Thread up = Thread.ofVirtual().start(() -> pumpUp(here, there));
            there.inputStream().transferTo(here.getOutputStream());
            here.shutdownOutput();
            up.join();
            // Both directions have ended; what went up last may still be under way to a server that takes its time.
            there.awaitClosed(Duration.ofSeconds(60));
        } catch (final IOException | InterruptedException e) {
            System.err.println(host + ":" + port + ": " + e.getMessage());
        }
    }

    /** Each direction ends by itself, as TCP has it; a failure ends both. */
    private static void pumpUp(final Socket here, final TcpStream there) {
        try {
            here.getInputStream().transferTo(there.outputStream());
            there.shutdownOutput();
        } catch (final IOException e) {
            there.close();
        }
    }
}
