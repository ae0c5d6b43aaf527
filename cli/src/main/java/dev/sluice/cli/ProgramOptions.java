package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code run} and {@code exec} have in common: the program, and how to run it. */
final class ProgramOptions {
    @Option(names = {"-e", "--env"}, paramLabel = "NAME=VALUE", description = "Adds a variable to the program's environment.")
    private List<String> environment = new ArrayList<>();

    @Option(names = {"-w", "--workdir"}, paramLabel = "DIR", description = "Starts the program in this directory of the sandbox.")
    private String workingDirectory;

    @Parameters(arity = "1..*", paramLabel = "COMMAND [ARG...]", hideParamSyntax = true, description = "The program and its arguments.")
    private List<String> command = new ArrayList<>();

    ExecOptions toExecOptions() {
        final ExecOptions.Builder options = ExecOptions.command(RawArguments.bytes(command.getFirst()))
            .arguments(command.stream().skip(1).map(RawArguments::bytes).toList())
            .environment(environment.stream().map(RawArguments::bytes).toList());
        if (workingDirectory != null) {
            options.workingDirectory(RawArguments.bytes(workingDirectory));
        }
        return options.build();
    }

    /** The program's name, to be shown. */
    String name() {
        return RawArguments.text(command.getFirst());
    }
}
