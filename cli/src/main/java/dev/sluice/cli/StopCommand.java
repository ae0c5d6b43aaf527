package dev.sluice.cli;

import dev.sluice.client.SandboxClient;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shuts a sandbox down. */
@Command(
    name = "stop",
    mixinStandardHelpOptions = true,
    description = "Shuts the sandbox down: its programs are ended, then its agent. Returns when it has ended.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:the sandbox has ended", "125:it has not: refused, or too slow"})
final class StopCommand implements Callable<Integer> {
    @Mixin
    private ConnectOptions relay;

    @Option(names = "--deadline", paramLabel = "TIME", defaultValue = "30s", converter = TimeConverter.class,
        description = "How long the sandbox may take to end. Default: ${DEFAULT-VALUE}.")
    private Duration deadline;

    @Override
    public Integer call() throws Exception {
        try (SandboxClient client = relay.connect()) {
            client.shutdown(deadline);
        }
        return ExitCode.OK;
    }
}
