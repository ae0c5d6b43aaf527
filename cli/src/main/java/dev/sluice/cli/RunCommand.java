package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a program in a sandbox that exists for it alone. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Runs a program through a relay and an agent of its own, on this machine, with no isolation: for trying things out.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private ProgramOptions program;

    @Override
    public Integer call() throws Exception {
        final Attachment attachment = program.attachment();
        final ExecOptions options = program.toExecOptions(attachment);
        try (LocalSandbox sandbox = LocalSandbox.start()) {
            return ProgramRunner.run(sandbox.client(), options, attachment);
        }
    }
}
