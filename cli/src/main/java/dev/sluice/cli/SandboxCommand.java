package dev.sluice.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves a sandbox of this machine until it is told to end. */
@Command(
    name = "sandbox",
    mixinStandardHelpOptions = true,
    description = "Starts a relay and an agent together, on this machine, with no isolation, and serves clients: for trying things out.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:told to end, by a signal or by 'sluice stop'", "125:it failed, or the agent ended by itself"})
final class SandboxCommand implements Callable<Integer> {
    @Option(names = "--listen", required = true, paramLabel = "PATH",
        description = "The socket for clients. Its directory is made if it is missing.")
    private String listen;

    @Override
    public Integer call() throws Exception {
        final Path socket = SandboxSocket.path("--listen", listen);
        Diagnostics.neverWait();
        try (LocalSandbox sandbox = LocalSandbox.listen(socket)) {
            TerminationSignals.forwardTo(signal -> sandbox.shutdown());
            if (sandbox.awaitReady()) {
                Diagnostics.print("sandbox ready at " + socket + ", process " + ProcessHandle.current().pid());
            }
            sandbox.awaitEnd();
            return ExitCode.OK;
        }
    }
}
