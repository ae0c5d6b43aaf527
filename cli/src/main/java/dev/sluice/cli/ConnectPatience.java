package dev.sluice.cli;

import dev.sluice.client.ConnectFailedException;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a relay is waited for. */
final class ConnectPatience {
    private static final Duration POLL = Duration.ofMillis(20);

    @Option(names = "--connect-deadline", paramLabel = "TIME", defaultValue = "10s", converter = TimeConverter.class,
        description = "How long the relay may take to answer; it does when its guest is ready. Default: ${DEFAULT-VALUE}.")
    private Duration connectDeadline;

    @Option(names = "--wait", paramLabel = "TIME", defaultValue = "0", converter = TimeConverter.class,
        description = "How long to wait for a relay to listen at its socket. Default: ${DEFAULT-VALUE}.")
    private Duration wait;

    /**
     * Connects, and waits until the guest is ready. A relay puts its socket in place when it listens; one that was killed has left a socket
     * at which nobody does.
     *
     * @return the client, to be closed
     */
    SandboxClient connect(final Path socket) throws SandboxException, InterruptedException {
        final long begin = System.nanoTime();
        while (true) {
            final boolean waits = System.nanoTime() - begin < wait.toNanos();
            if (!waits || Files.exists(socket)) {
                try {
                    return SandboxClient.connect(socket, connectDeadline);
                } catch (final ConnectFailedException e) {
                    if (!waits || !isRefusal(e)) {
                        throw e;
                    }
                }
            }
            Thread.sleep(POLL);
        }
    }

    private static boolean isRefusal(final Throwable failure) {
        return failure != null && (failure instanceof ConnectException || isRefusal(failure.getCause()));
    }
}
