package dev.sluice.cli;

import dev.sluice.client.ExecFailedException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program behind {@code ./sluice}: finds the command, and turns whatever goes wrong into one line on standard error and an exit code.
 */
@Command(
    name = "sluice",
    description = "The plumbing between a host and its sandboxes.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 124:the program had not ended when its --timeout was over",
        " 125:Sluice itself failed",
        " 126:the program cannot be executed",
        " 127:the program was not found",
        "   *:of the program; 128 + n when signal n ended it"
    },
    subcommands = {RunCommand.class, ExecCommand.class, ShellCommand.class,
        CopyCommand.class, ListCommand.class, CatCommand.class, RemoveCommand.class, MakeDirectoryCommand.class,
        ForwardCommand.class, PingCommand.class, StopCommand.class,
        SandboxCommand.class, RelayCommand.class, AgentCommand.class,
        StatCommand.class, LogsCommand.class, FramesCommand.class,
        DoctorCommand.class, CompletionCommand.class, ManCommand.class})
public final class Main implements Runnable {
    /** Set to anything, has failures print where they came from. */
    private static final String DEBUG_VARIABLE = "SLUICE_DEBUG";

    /** Commands that run no program, so that options may come behind their arguments, too. */
    private static final List<String> OPTIONS_ANYWHERE =
        List.of("cp", "ls", "cat", "rm", "mkdir", "forward", "stat", "logs", "frames");

    /** Commands whose exit code is that of a program. */
    private static final List<String> RUNNING_PROGRAMS = List.of("run", "exec", "shell");

    @Spec
    private CommandSpec spec;

    private Main() {
    }

    /**
     * Runs a command and ends the JVM with its exit code.
     *
     * @param args the command line
     * @throws IOException when the kernel does not say what the command line is
     */
    public static void main(final String[] args) throws IOException {
        Diagnostics.flushAtExit();
        final TextOutput out = TextOutput.standard();
        final int exitCode = commandLine().setOut(out).execute(RawArguments.read(args));
        final IOException missing = out.end();
        if (missing != null) {
            Diagnostics.print(missing.getMessage());
        }
        System.exit(missing == null ? exitCode : ExitCode.SLUICE_FAILED);
    }

    /** Makes the parser of all commands. */
    static CommandLine commandLine() {
        final CommandLine commandLine = new CommandLine(new Main());
        commandLine.setStopAtPositional(true);
        commandLine.getSubcommands().values().forEach(command -> command.getCommandSpec().versionProvider(new Version()));
        RUNNING_PROGRAMS.forEach(name -> documentExitCodes(commandLine, commandLine.getSubcommands().get(name)));
        OPTIONS_ANYWHERE.forEach(name -> commandLine.getSubcommands().get(name).setStopAtPositional(false));
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        // What follows the command's name is the program's, whatever it looks like.
        commandLine.setExpandAtFiles(false);
        commandLine.setParameterExceptionHandler(Main::onWrongUse);
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> onFailure(failure));
        return commandLine;
    }

    private static void documentExitCodes(final CommandLine all, final CommandLine command) {
        final UsageMessageSpec known = all.getCommandSpec().usageMessage();
        command.getCommandSpec().usageMessage().exitCodeListHeading(known.exitCodeListHeading()).exitCodeList(known.exitCodeList());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    private static int onWrongUse(final ParameterException failure, final String[] args) {
        final String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        final String message = RawArguments.text(describe(failure));
        if (failure.getCommandLine().getCommand() instanceof RelayCommand) {
            BootErrorFile.namedIn(args).writeWrongUse(message);
        }
        Diagnostics.print(message + " (see " + command + " --help)");
        return ExitCode.SLUICE_FAILED;
    }

    /** One form for everything that is wrong with a value: the option, the value, what is allowed. */
    private static String describe(final ParameterException failure) {
        if (failure.getCause() instanceof final TypeConversionException wrong && failure.getArgSpec() != null) {
            final String name = failure.getArgSpec() instanceof final OptionSpec option
                ? option.longestName() : failure.getArgSpec().paramLabel();
            return name + ": " + wrong.getMessage();
        }
        if (failure instanceof final MissingParameterException missing) {
            return describeMissing(missing);
        }
        if (failure instanceof final UnmatchedArgumentException unknown && unknown.getCommandLine().getCommand() instanceof Main
            && !unknown.getUnmatched().getFirst().startsWith("-")) {
            return "no such command: " + unknown.getUnmatched().getFirst() + " (there are: "
                + String.join(", ", unknown.getCommandLine().getSubcommands().keySet()) + ")";
        }
        return failure.getMessage();
    }

    /** What is missing may be what was misspelt. */
    private static String describeMissing(final MissingParameterException failure) {
        final List<String> unknown = failure.getCommandLine().getUnmatchedArguments();
        if (!unknown.isEmpty()) {
            return "unknown option: '" + unknown.getFirst() + "'";
        }
        final List<String> missing = failure.getMissing().stream()
            .map(argument -> argument instanceof final OptionSpec option ? option.longestName() + " " + option.paramLabel()
                : argument.paramLabel() + candidates(argument))
            .toList();
        return "missing: " + String.join(", ", missing);
    }

    private static String candidates(final ArgSpec argument) {
        return argument.completionCandidates() == null ? "" : " (one of " + String.join(", ", argument.completionCandidates()) + ")";
    }

    /** Says what has ended a command. @return the exit code that it stands for */
    static int onFailure(final Exception failure) {
        Diagnostics.print(Diagnostics.describe(failure));
        if (System.getenv(DEBUG_VARIABLE) != null) {
            failure.printStackTrace();
        }
        return failure instanceof ExecFailedException ? exitCodeOf((ExecFailedException) failure) : ExitCode.SLUICE_FAILED;
    }

    private static int exitCodeOf(final ExecFailedException failure) {
        return switch (failure.kind()) {
            case NOT_FOUND -> ExitCode.NOT_FOUND;
            case PERMISSION_DENIED, NOT_EXECUTABLE -> ExitCode.NOT_EXECUTABLE;
            default -> ExitCode.SLUICE_FAILED;
        };
    }

    /** Tells the version from the jar that this class is in. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            final String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"sluice " + (version == null ? "(not built as a jar)" : version)};
        }
    }
}
