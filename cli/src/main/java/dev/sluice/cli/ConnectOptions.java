package dev.sluice.cli;

import dev.sluice.client.ConnectFailedException;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.vsock.UnixAddress;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What commands that use a sandbox through its relay have in common: where the relay listens, and how long to wait for it. */
final class ConnectOptions {
    private static final Duration POLL = Duration.ofMillis(20);

    @Option(names = "--socket", required = true, paramLabel = "PATH", description = "The relay's socket.")
    private String socket;

    @Option(names = "--connect-deadline", paramLabel = "TIME", defaultValue = "10s", converter = TimeConverter.class,
        description = "How long the relay may take to answer; it does when its guest is ready. Default: ${DEFAULT-VALUE}.")
    private Duration connectDeadline;

    @Option(names = "--wait", paramLabel = "TIME", defaultValue = "0", converter = TimeConverter.class,
        description = "How long to wait for a relay to listen at its socket. Default: ${DEFAULT-VALUE}.")
    private Duration wait;

    /** Refuses a socket that cannot be one, so that nothing else is done before. */
    void check() {
        path();
    }

    /**
     * Connects, and waits until the guest is ready. A relay puts its socket in place when it listens; one that was killed has left a socket
     * at which nobody does.
     *
     * @return the client, to be closed
     * @throws IllegalArgumentException when the socket's name cannot be one
     */
    SandboxClient connect() throws SandboxException, InterruptedException {
        final Path path = path();
        final long begin = System.nanoTime();
        while (true) {
            final boolean waits = System.nanoTime() - begin < wait.toNanos();
            if (!waits || Files.exists(path)) {
                try {
                    return SandboxClient.connect(path, connectDeadline);
                } catch (final ConnectFailedException e) {
                    if (!waits || !isRefusal(e)) {
                        throw e;
                    }
                }
            }
            Thread.sleep(POLL);
        }
    }

    private Path path() {
        final String place = RawArguments.path("--socket", socket);
        if (place.matches("(range|offset|unix):.*")) {
            throw new IllegalArgumentException("--socket: '" + place + "': a plain path is wanted: " + place.replaceFirst("[a-z]+:", ""));
        }
        return new UnixAddress(place).toPath();
    }

    private static boolean isRefusal(final Throwable failure) {
        return failure != null && (failure instanceof ConnectException || isRefusal(failure.getCause()));
    }
}
