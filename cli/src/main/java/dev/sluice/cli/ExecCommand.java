package dev.sluice.cli;

import dev.sluice.client.ConnectFailedException;
import dev.sluice.client.ExecOptions;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.vsock.UnixAddress;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a program in a sandbox that has a relay. */
@Command(name = "exec", mixinStandardHelpOptions = true, description = "Runs a program in the sandbox behind a relay's socket.")
final class ExecCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(20);

    @Option(names = "--socket", required = true, paramLabel = "PATH", description = "The relay's socket.")
    private String socket;

    @Option(names = "--connect-deadline", paramLabel = "TIME", defaultValue = "10s", converter = TimeConverter.class,
        description = "How long the relay may take to answer; it does when its guest is ready. Default: ${DEFAULT-VALUE}.")
    private Duration connectDeadline;

    @Option(names = "--wait", paramLabel = "TIME", defaultValue = "0", converter = TimeConverter.class,
        description = "How long to wait for a relay to listen at its socket. Default: ${DEFAULT-VALUE}.")
    private Duration wait;

    @Mixin
    private ProgramOptions program;

    @Override
    public Integer call() throws Exception {
        final String place = RawArguments.path("--socket", socket);
        if (place.matches("(range|offset|unix):.*")) {
            throw new IllegalArgumentException("--socket: '" + place + "': a plain path is wanted: " + place.replaceFirst("[a-z]+:", ""));
        }
        final Path path = new UnixAddress(place).toPath();
        final ExecOptions options = program.toExecOptions();
        try (SandboxClient client = connect(path)) {
            return ProgramRunner.run(client, options, program.startDeadline());
        }
    }

    /** A relay puts its socket in place when it listens; one that was killed has left a socket at which nobody does. */
    private SandboxClient connect(final Path path) throws SandboxException, InterruptedException {
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

    private static boolean isRefusal(final Throwable failure) {
        return failure != null && (failure instanceof ConnectException || isRefusal(failure.getCause()));
    }
}
