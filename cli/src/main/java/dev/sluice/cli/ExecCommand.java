package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.SandboxClient;
import dev.sluice.vsock.UnixAddress;
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
        description = "How long to wait for the relay's socket to appear. Default: ${DEFAULT-VALUE}.")
    private Duration wait;

    @Mixin
    private ProgramOptions program;

    @Override
    public Integer call() throws Exception {
        final Path path = new UnixAddress(RawArguments.path("--socket", socket)).toPath();
        final ExecOptions options = program.toExecOptions();
        awaitSocket(path);
        try (SandboxClient client = SandboxClient.connect(path, connectDeadline)) {
            return ProgramRunner.run(client, options, program.startDeadline());
        }
    }

    /** A relay puts its socket in place when it listens, so its path says whether it is worth a try. */
    private void awaitSocket(final Path path) throws InterruptedException {
        final long begin = System.nanoTime();
        while (Files.notExists(path) && System.nanoTime() - begin < wait.toNanos()) {
            Thread.sleep(POLL);
        }
    }
}
