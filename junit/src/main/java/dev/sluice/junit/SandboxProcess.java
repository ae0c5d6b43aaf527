package dev.sluice.junit;

import dev.sluice.agent.Agent;
import dev.sluice.agent.AgentContext;
import dev.sluice.port.PortAddress;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The process of a sandbox: a relay on a thread of its own, an agent on the first, and a ring between them. It says when it is ready, and
 * ends when its input ends, which happens at the latest when the test's JVM does.
 */
public final class SandboxProcess {
    /** The line that says that clients are served. */
    static final String READY = "ready";

    private static final Duration READY_DEADLINE = Duration.ofMinutes(10);
    private static final Duration RELAY_END = Duration.ofSeconds(10);

    private final Path directory;
    private final Relay relay;
    private IOException failure;

    private SandboxProcess(final Path directory) throws IOException {
        this.directory = directory;
        this.relay = Relay.open(new RelayContext().guest(console()).listen(SandboxLaunch.socket(directory)).exitOnGuestLoss(true));
    }

    /**
     * Serves until the input ends.
     *
     * @param arguments the directory for the sandbox's sockets
     * @throws IOException          when relay or agent cannot serve
     * @throws InterruptedException never
     */
    public static void main(final String... arguments) throws IOException, InterruptedException {
        final Path directory = Path.of(arguments[0]);
        try {
            new SandboxProcess(directory).serve();
        } finally {
            SandboxLaunch.clear(directory);
        }
    }

    private void serve() throws IOException, InterruptedException {
        try (Agent agent = new Agent(new AgentContext().portAddress(console()))) {
            final Thread relayThread = Thread.ofPlatform().name("sluice-relay").start(() -> runRelay(agent));
            Thread.ofPlatform().daemon().name("sluice-input").start(this::awaitEndOfInput);
            Thread.ofPlatform().daemon().name("sluice-ready").start(this::announce);
            try {
                agent.run();
            } finally {
                relay.shutdown();
                relayThread.join(RELAY_END);
            }
        }
        relay.close();
        if (failure != null) {
            throw failure;
        }
    }

    private PortAddress console() {
        return new PortAddress(PortAddress.Kind.RING, SandboxLaunch.console(directory).toString());
    }

    private void runRelay(final Agent agent) {
        try {
            relay.run();
        } catch (final IOException e) {
            failure = e;
        } finally {
            // The console stays open until the relay is closed: the agent would wait for it.
            agent.shutdown();
        }
    }

    private void awaitEndOfInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (final IOException e) {
            failure = e;
        }
        relay.shutdown();
    }

    private void announce() {
        try (FileOutputStream output = new FileOutputStream(FileDescriptor.out)) {
            if (relay.awaitReady(READY_DEADLINE)) {
                output.write((READY + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (final IOException | InterruptedException e) {
            // Nobody listens any more: the input has ended too.
            relay.shutdown();
        }
    }
}
