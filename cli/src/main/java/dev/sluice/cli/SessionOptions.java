package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import dev.sluice.ffi.TerminalSize;
import dev.sluice.protocol.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What all commands that run a program have in common: what surrounds it, and for how long. */
final class SessionOptions {
    @Option(names = {"-e", "--env"}, paramLabel = "NAME[=VALUE]",
        description = "Adds a variable to the program's environment; without a value one of ours, if we have it.")
    private List<String> environment = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE",
        description = "Adds variables, one a line in the form of --env; lines that begin with # are left out. --env has the last word.")
    private List<String> environmentFiles = new ArrayList<>();

    @Option(names = {"-w", "--workdir"}, paramLabel = "DIR", description = "Starts the program in this directory of the sandbox.")
    private String workingDirectory;

    @Option(names = {"-u", "--user"}, paramLabel = "USER[:GROUP]",
        description = "Runs the program as this user of the sandbox, by name or number.")
    private String user;

    @Option(names = "--limit", paramLabel = "NAME=SOFT[:HARD]", converter = ResourceLimit.Converter.class,
        description = "Limits a resource of the program as setrlimit(2) does; unlimited is a number, too.")
    private List<ResourceLimit> limits = new ArrayList<>();

    @Option(names = "--timeout", paramLabel = "TIME", converter = TimeConverter.class,
        description = "Kills the program when it has not ended by then.")
    private Duration timeout;

    @Option(names = "--start-deadline", paramLabel = "TIME", defaultValue = "30s", converter = TimeConverter.class,
        description = "How long the guest may take to start the program. Default: ${DEFAULT-VALUE}.")
    private Duration startDeadline;

    @Option(names = "--detach-keys", paramLabel = "KEYS", defaultValue = DetachKeys.DEFAULT, converter = DetachKeysConverter.class,
        description = "The keys that end an interactive session, and with it the program: characters and ctrl-X, separated by commas. "
            + "Default: ${DEFAULT-VALUE}.")
    private DetachKeys detachKeys;

    /**
     * Says what to run.
     *
     * @param command    the program
     * @param attachment how it is to run; its terminal gets the size of ours
     * @throws IOException when a file of variables cannot be read
     */
    ExecOptions toExecOptions(final ByteString command, final List<ByteString> arguments, final Attachment attachment) throws IOException {
        final ProgramEnvironment variables = new ProgramEnvironment();
        for (final String file : environmentFiles) {
            variables.addFile(file);
        }
        environment.forEach(variables::add);
        final ExecOptions.Builder options = ExecOptions.command(command).arguments(arguments).startDeadline(startDeadline);
        if (attachment.terminal()) {
            final TerminalSize size = LocalTerminal.size();
            options.terminal(size.rows(), size.columns());
            variables.addTerminalType();
        }
        if (!attachment.input()) {
            options.noInput();
        }
        options.environment(variables.toList());
        limits.forEach(limit -> options.rlimit(limit.name(), limit.soft(), limit.hard()));
        if (workingDirectory != null) {
            options.workingDirectory(RawArguments.bytes(workingDirectory));
        }
        if (user != null) {
            options.user(RawArguments.bytes(user));
        }
        return options.build();
    }

    /**
     * Says how to run it.
     *
     * @throws IllegalArgumentException when there is to be a terminal's input and none is there
     */
    Attachment attachment(final boolean terminal, final boolean input) {
        if (terminal && input && !LocalTerminal.isStandardInput()) {
            throw new IllegalArgumentException("the input device is not a TTY: -t needs a terminal on standard input (or -n)");
        }
        return new Attachment(terminal, input, detachKeys, startDeadline, timeout);
    }
}
