package dev.sluice.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints manual pages. */
@Command(name = "man", mixinStandardHelpOptions = true, description = "Prints the manual page of a command.",
    footer = "%nTo read it: sluice man exec | man -l -")
final class ManCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "The command; the page of all without one.")
    private String name;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        final CommandSpec root = spec.root();
        final CommandLine command = name == null ? root.commandLine() : root.subcommands().get(name);
        if (command == null) {
            throw new ParameterException(spec.commandLine(), "NAME: '" + RawArguments.text(name) + "': no such command (there are: "
                + String.join(", ", root.subcommands().keySet()) + ")");
        }
        final PrintWriter out = spec.commandLine().getOut();
        out.print(new ManPage(command.getCommandSpec()).text());
        out.flush();
        return ExitCode.OK;
    }
}
