package dev.sluice.agent;

import dev.sluice.port.PortAddress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An agent that runs on a thread of its own, dialling a socket of this test. */
final class TestAgent implements AutoCloseable {
    private final Path directory;
    private final ServerSocketChannel server;
    private final Agent agent;
    private final Thread thread;
    private final CompletableFuture<AgentOutcome> outcome = new CompletableFuture<>();
    private HostEnd host;
    private HostEnd.Received greeting;

    private TestAgent(final Consumer<AgentContext> options) throws IOException {
        directory = Files.createTempDirectory("sluice-agent-");
        final Path path = directory.resolve("port.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        final AgentContext context = new AgentContext().portAddress(new PortAddress(PortAddress.Kind.UNIX, path.toString()));
        options.accept(context);
        agent = new Agent(context);
        thread = Thread.ofPlatform().name("test-agent").start(this::run);
    }

    private void run() {
        try {
            outcome.complete(agent.run());
        } catch (final Throwable e) {
            outcome.completeExceptionally(e);
        }
    }

    static TestAgent start() throws IOException {
        return start(context -> { });
    }

    /** Starts an agent, and waits until it is ready. */
    static TestAgent start(final Consumer<AgentContext> options) throws IOException {
        final TestAgent started = new TestAgent(options);
        try {
            started.nextHost();
            return started;
        } catch (final IOException | RuntimeException e) {
            started.close();
            throw e;
        }
    }

    HostEnd nextHost() throws IOException {
        host = new HostEnd(new SocketTransport(server.accept()));
        greeting = host.next();
        return host;
    }

    /** @return the first frame that the present host got */
    HostEnd.Received greeting() {
        return greeting;
    }

    HostEnd host() {
        return host;
    }

    Agent agent() {
        return agent;
    }

    long count(final AgentCounter counter) {
        return agent.counters().get(counter);
    }

    AgentOutcome outcome() {
        try {
            return outcome.get(HostEnd.LIMIT_NS, TimeUnit.NANOSECONDS);
        } catch (final Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        agent.close();
        try {
            thread.join(10_000);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (host != null) {
            host.close();
        }
        server.close();
        Files.deleteIfExists(directory.resolve("port.sock"));
        Files.delete(directory);
    }
}
