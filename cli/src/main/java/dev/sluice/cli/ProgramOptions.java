package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import java.time.Duration;
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

    @Option(names = "--start-deadline", paramLabel = "TIME", defaultValue = "30s", converter = TimeConverter.class,
        description = "How long the guest may take to start the program. Default: ${DEFAULT-VALUE}.")
    private Duration startDeadline;

    @Parameters(arity = "1..*", paramLabel = "COMMAND [ARG...]", hideParamSyntax = true, description = "The program and its arguments.")
    private List<String> command = new ArrayList<>();

    ExecOptions toExecOptions() {
        final ExecOptions.Builder options = ExecOptions.command(RawArguments.bytes(command.getFirst()))
            .arguments(command.stream().skip(1).map(RawArguments::bytes).toList())
            .startDeadline(startDeadline)
            .environment(environment.stream().map(RawArguments::bytes).toList());
        if (workingDirectory != null) {
            options.workingDirectory(RawArguments.bytes(workingDirectory));
        }
        return options.build();
    }

    /** How long the guest may take to start the program. */
    Duration startDeadline() {
        return startDeadline;
    }
}
