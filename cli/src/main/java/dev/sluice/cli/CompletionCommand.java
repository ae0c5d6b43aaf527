package dev.sluice.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what teaches a shell to complete Sluice's command lines. */
@Command(name = "completion", mixinStandardHelpOptions = true,
    description = "Prints a script that completes commands and options in a shell.",
    footer = "%nFor this shell: source <(sluice completion bash)")
final class CompletionCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    /** Shells there is a script for. */
    enum Shell { bash, zsh }

    @Override
    public Integer call() {
        final CommandSpec root = spec.root();
        final PrintWriter out = spec.commandLine().getOut();
        out.print(switch (shell) {
            case bash -> CompletionScript.bash(root);
            case zsh -> CompletionScript.zsh(root);
        });
        out.flush();
        return ExitCode.OK;
    }
}
