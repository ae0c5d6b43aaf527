package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.SandboxClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a program in a sandbox that has a relay. */
@Command(name = "exec", mixinStandardHelpOptions = true, description = "Runs a program in the sandbox behind a relay's socket.")
final class ExecCommand implements Callable<Integer> {
    @Option(names = "--socket", required = true, paramLabel = "PATH", description = "The relay's socket.")
    private String socket;

    @Option(names = "--connect-deadline", paramLabel = "SECONDS", defaultValue = "10",
        description = "How long to wait for the relay, and for the guest behind it. Default: ${DEFAULT-VALUE}.")
    private int connectDeadlineSeconds;

    @Mixin
    private ProgramOptions program;

    @Override
    public Integer call() throws Exception {
        final Path path = Path.of(RawArguments.text(socket));
        final ExecOptions options = program.toExecOptions();
        try (SandboxClient client = SandboxClient.connect(path, Duration.ofSeconds(connectDeadlineSeconds))) {
            return ProgramRunner.run(client, options);
        }
    }
}
