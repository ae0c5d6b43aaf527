package dev.sluice.cli;

import dev.sluice.client.ConnectFailedException;
import dev.sluice.client.SandboxClient;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.ProcessExit;
import dev.sluice.port.PortAddress;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayLimit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A sandbox of one process, on this machine: a relay on a thread of ours, an agent as a process of its own, a ring between them, and a
 * client. The sockets they find each other by are gone as soon as they have, so that nothing is left however this process ends: the agent
 * ends with its port. Only a process that is killed before that leaves its directory to the next to clean up.
 */
final class LocalSandbox implements AutoCloseable {
    /** How long the agent may take to start; a machine under load may need a while for a JVM. */
    private static final Duration START_DEADLINE = Duration.ofSeconds(60);
    private static final Duration RELAY_END = Duration.ofSeconds(10);

    private final Posix posix = Posix.system();
    private final PrivateDirectory directory;
    private final Thread hook = new Thread(this::clear, "sluice-clear");
    private Relay relay;
    private Thread relayThread;
    private volatile AgentProcess agent;
    private SandboxClient client;

    private LocalSandbox() throws IOException {
        directory = PrivateDirectory.create(posix, Path.of(System.getProperty("java.io.tmpdir")));
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts all of it, and waits until programs can be run. */
    static LocalSandbox start() throws IOException, InterruptedException {
        final LocalSandbox sandbox = new LocalSandbox();
        boolean started = false;
        try {
            sandbox.join();
            started = true;
        } finally {
            if (!started) {
                sandbox.close();
            }
        }
        return sandbox;
    }

    SandboxClient client() {
        return client;
    }

    /** Ends the program, the agent and the relay; nothing of them is left. */
    @Override
    public void close() throws IOException {
        if (client != null) {
            client.close();
        }
        if (relay != null) {
            relay.shutdown();
            if (awaitRelay()) {
                relay.close();
            }
        }
        if (agent != null) {
            agent.close();
        }
        directory.close();
    }

    private void join() throws IOException, InterruptedException {
        final PortAddress console = new PortAddress(PortAddress.Kind.RING, directory.resolve(PrivateDirectory.CONSOLE).toString());
        final Path socket = directory.resolve(PrivateDirectory.CLIENTS);
        relay = Relay.open(new RelayContext().guest(console).listen(socket)
           .limit(RelayLimit.READY_DEADLINE, START_DEADLINE).exitOnGuestLoss(true));
        agent = AgentProcess.start(posix, console, relay::shutdown);
        relayThread = Thread.ofPlatform().name("sluice-relay").start(this::runRelay);
        try {
            client = SandboxClient.connect(socket, START_DEADLINE);
        } catch (final ConnectFailedException e) {
            final ProcessExit exit = agent.exit();
            throw exit == null ? e : new IOException("the agent ended before it was ready: exit status " + exit.shellStatus(), e);
        }
        directory.close();
    }

    private void runRelay() {
        try {
            relay.run();
        } catch (final IOException e) {
            Diagnostics.print("the relay failed: " + e.getMessage());
        }
    }

    /** Returns whether the relay's thread has ended. */
    private boolean awaitRelay() {
        try {
            return relayThread == null || relayThread.join(RELAY_END);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** For a JVM that ends before {@link #close}. */
    private void clear() {
        if (agent != null) {
            agent.kill();
        }
        try {
            directory.close();
        } catch (final IOException e) {
            Diagnostics.print("cannot remove a temporary directory: " + e.getMessage());
        }
    }
}
