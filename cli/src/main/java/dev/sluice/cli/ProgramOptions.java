package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code run} and {@code exec} have in common: the program, and how to run it. */
final class ProgramOptions {
    @Option(names = {"-i", "--interactive"}, description = "Gives the program our standard input; it has it anyway, unless -n is given.")
    private boolean interactive;

    @Option(names = {"-t", "--tty"}, description = "Gives the program a terminal, in the place of ours.")
    private boolean terminal;

    @Option(names = {"-n", "--no-input"}, description = "Gives the program no input, and leaves ours alone.")
    private boolean noInput;

    @Mixin
    private SessionOptions session;

    @Parameters(arity = "1..*", paramLabel = "COMMAND [ARG...]", hideParamSyntax = true, description = "The program and its arguments.")
    private List<String> command = new ArrayList<>();

    /**
     * Says how to run it.
     *
     * @throws IllegalArgumentException when the options contradict each other or what this process was given
     */
    Attachment attachment() {
        if (interactive && noInput) {
            throw new IllegalArgumentException("--interactive: not with --no-input");
        }
        return session.attachment(terminal, !noInput);
    }

    /** Says what to run. */
    ExecOptions toExecOptions(final Attachment attachment) throws IOException {
        return session.toExecOptions(RawArguments.bytes(command.getFirst()),
            command.stream().skip(1).map(RawArguments::bytes).toList(), attachment);
    }
}
