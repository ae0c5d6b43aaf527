package dev.sluice.systemtests;

import dev.sluice.client.ConnectFailedException;
import dev.sluice.client.SandboxClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A relay and an agent as processes of their own, in a workspace of their own. */
final class Sandbox implements AutoCloseable {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(30);

    private final Workspace workspace;
    private final Console console;
    private Program relay;
    private Program agent;

    private Sandbox(final Workspace workspace, final Console console) {
        this.workspace = workspace;
        this.console = console;
    }

    /** Starts both; {@link #connect} waits for them. Skips the test where there is nothing to start. */
    static Sandbox start(final Console console, final String... relayOptions) throws IOException {
        Sluice.assumeBuilt();
        final Sandbox sandbox = new Sandbox(new Workspace(), console);
        boolean started = false;
        try {
            sandbox.startRelay(relayOptions);
            sandbox.startAgent();
            started = true;
        } finally {
            if (!started) {
                sandbox.close();
            }
        }
        return sandbox;
    }

    /** Starts a relay, in the place of one that has ended. */
    void startRelay(final String... options) throws IOException {
        final List<String> arguments = new ArrayList<>(
            List.of("relay", "--guest", console.forRelay(workspace.path("console")), "--listen", socket().toString()));
        arguments.addAll(List.of(options));
        relay = replace(relay, arguments.toArray(String[]::new));
    }

    /** Starts an agent, in the place of one that has ended. Its programs end with its relay. */
    void startAgent() throws IOException {
        agent = replace(agent, "agent", "--host-grace", "0", "--port", console.forAgent(workspace.path("console")));
    }

    /** Starts an agent that outlives its relay, as its programs do for a while, in the place of one that has ended. */
    void startLastingAgent(final String hostGrace) throws IOException {
        agent = replace(
            agent, "agent", "--await-host", "--host-grace", hostGrace, "--port", console.forAgent(workspace.path("console")));
    }

    private Program replace(final Program old, final String... arguments) throws IOException {
        if (old != null) {
            workspace.end(old);
        }
        return workspace.sluice(arguments);
    }

    Workspace workspace() {
        return workspace;
    }

    Program relay() {
        return relay;
    }

    Program agent() {
        return agent;
    }

    /** The socket that clients connect to. */
    Path socket() {
        return workspace.path("agent.sock");
    }

    /** Connects a client in this process, as soon as relay and agent are there. */
    SandboxClient connect() throws Exception {
        return connect(socket());
    }

    /** Connects to any relay, as soon as it listens and its guest is ready. */
    static SandboxClient connect(final Path socket) throws Exception {
        return Await.success(ConnectFailedException.class, CONNECT_LIMIT, () -> SandboxClient.connect(socket, CONNECT_LIMIT));
    }

    /** Starts a client as a process of its own. */
    Program exec(final String... commandLine) throws IOException {
        final String[] arguments = new String[commandLine.length + 4];
        arguments[0] = "exec";
        arguments[1] = "--socket";
        arguments[2] = socket().toString();
        arguments[3] = "--";
        System.arraycopy(commandLine, 0, arguments, 4, commandLine.length);
        return workspace.sluice(arguments);
    }

    /** What relay and agent have said, for the message of a failure. */
    String said() {
        return "relay:\n" + relay.stderr().text() + "agent:\n" + agent.stderr().text();
    }

    @Override
    public void close() throws IOException {
        workspace.close();
    }
}
