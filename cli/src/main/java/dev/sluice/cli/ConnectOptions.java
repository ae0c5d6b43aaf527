package dev.sluice.cli;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What commands that use a sandbox through its relay have in common: where the relay listens, and how long to wait for it. */
final class ConnectOptions {
    @Option(names = "--socket", required = true, paramLabel = "PATH", description = "The relay's socket.")
    private String socket;

    @Mixin
    private ConnectPatience patience;

    /** Refuses a socket that cannot be one, so that nothing else is done before. */
    void check() {
        path();
    }

    /**
     * Connects, and waits until the guest is ready.
     *
     * @return the client, to be closed
     * @throws IllegalArgumentException when the socket's name cannot be one
     */
    SandboxClient connect() throws SandboxException, InterruptedException {
        return patience.connect(path());
    }

    private Path path() {
        return SandboxSocket.path("--socket", socket);
    }
}
