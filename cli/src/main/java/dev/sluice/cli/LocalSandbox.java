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
 * A sandbox of one process, on this machine: a relay on a thread of ours, an agent as a process of its own, and a ring between them. The
 * socket that those two find each other by is gone as soon as they have, and so is a private one for clients when ours has connected. So
 * nothing is left however this process ends: the agent ends with its port. Only a process that is killed before that leaves its directory
 * to the next to clean up.
 */
final class LocalSandbox implements AutoCloseable {
    /** How long the agent may take to start; a machine under load may need a while for a JVM. */
    private static final Duration START_DEADLINE = Duration.ofSeconds(60);
    private static final Duration RELAY_END = Duration.ofSeconds(10);

    private final Posix posix = Posix.system();
    private final PrivateDirectory directory;
    private final Thread hook = new Thread(this::clear, "sluice-clear");
    private volatile Relay relay;
    private Thread relayThread;
    private volatile AgentProcess agent;
    private volatile IOException relayFailure;
    private SandboxClient client;

    private LocalSandbox() throws IOException {
        directory = PrivateDirectory.create(posix, Path.of(System.getProperty("java.io.tmpdir")));
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts all of it with a private socket, and waits until programs can be run by {@link #client}. */
    static LocalSandbox start() throws IOException, InterruptedException {
        final LocalSandbox sandbox = new LocalSandbox();
        boolean started = false;
        try {
            final Path socket = sandbox.directory.resolve(PrivateDirectory.CLIENTS);
            // Nobody else is to come by it, so it is not made again when it has served.
            sandbox.open(socket, new RelayContext().limit(RelayLimit.SOCKET_CHECK_INTERVAL, Duration.ZERO));
            sandbox.connect(socket);
            started = true;
        } finally {
            if (!started) {
                sandbox.close();
            }
        }
        return sandbox;
    }

    /** Starts a relay that listens for clients at a path, and its agent. Waits for neither. */
    static LocalSandbox listen(final Path socket) throws IOException {
        final LocalSandbox sandbox = new LocalSandbox();
        boolean opened = false;
        try {
            sandbox.open(socket, new RelayContext());
            opened = true;
        } finally {
            if (!opened) {
                sandbox.close();
            }
        }
        return sandbox;
    }

    SandboxClient client() {
        return client;
    }

    /**
     * Waits until clients are served.
     *
     * @return false when the end came before that
     * @throws IOException when the agent has ended by itself, or takes too long
     */
    boolean awaitReady() throws IOException, InterruptedException {
        final boolean ready = relay.awaitReady(START_DEADLINE);
        directory.close();
        if (!ready && relayThread.isAlive()) {
            throw new IOException("the agent was not ready within " + TimeConverter.format(START_DEADLINE));
        }
        return ready;
    }

    /** Orders the end. Any thread; does not wait. */
    void shutdown() {
        relay.shutdown();
    }

    /**
     * Waits until the end, ordered by {@link #shutdown} or by a client, or come without an order, and closes everything.
     *
     * @throws IOException when nobody ordered it
     */
    void awaitEnd() throws IOException, InterruptedException {
        relayThread.join();
        close();
        if (relayFailure != null) {
            throw relayFailure;
        }
        final ProcessExit exit = agent.exit();
        if (exit == null || exit.shellStatus() != 0) {
            throw new IOException("the agent ended by itself" + (exit == null ? "" : ": exit status " + exit.shellStatus()));
        }
    }

    /** Ends the programs, the agent and the relay; nothing of them is left. Idempotent. */
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

    private void open(final Path socket, final RelayContext context) throws IOException {
        final PortAddress console = new PortAddress(PortAddress.Kind.RING, directory.resolve(PrivateDirectory.CONSOLE).toString());
        relay = Relay.open(context.guest(console).listen(socket)
           .limit(RelayLimit.READY_DEADLINE, START_DEADLINE).exitOnGuestLoss(true));
        agent = AgentProcess.start(posix, console, relay::shutdown);
        relayThread = Thread.ofPlatform().name("sluice-relay").start(this::runRelay);
    }

    private void connect(final Path socket) throws IOException, InterruptedException {
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
            relayFailure = e;
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
