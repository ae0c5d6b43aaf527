package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.SandboxClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a program in a sandbox that has a relay. */
@Command(name = "exec", mixinStandardHelpOptions = true, description = "Runs a program in the sandbox behind a relay's socket.")
final class ExecCommand implements Callable<Integer> {
    @Mixin
    private ConnectOptions relay;

    @Mixin
    private ProgramOptions program;

    @Override
    public Integer call() throws Exception {
        relay.check();
        final Attachment attachment = program.attachment();
        final ExecOptions options = program.toExecOptions(attachment);
        try (SandboxClient client = relay.connect()) {
            return ProgramRunner.run(client, options, attachment);
        }
    }
}
