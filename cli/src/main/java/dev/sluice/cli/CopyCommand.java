package dev.sluice.cli;

import dev.sluice.client.CopyFailedException;
import dev.sluice.client.CopyOptions;
import dev.sluice.client.SandboxClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies files and trees to a sandbox, or from it. */
@Command(
    name = "cp",
    mixinStandardHelpOptions = true,
    customSynopsis = {
        "sluice cp [OPTION...] SRC... SANDBOX:DST",
        "       sluice cp [OPTION...] SANDBOX:SRC... DST"
    },
    description = "Copies files and directories, with everything in them, to a sandbox or from it.",
    footer = {
        "",
        "SANDBOX is the path of its relay's socket. With --socket SANDBOX it is left out, and :PATH is in the sandbox.",
        "A file here whose path has a colon is written ./a:b, or with --socket as it is.",
        "As with cp: a copy comes to lie in DST where that is a directory, else at DST; SRC/. brings what is in SRC.",
        "Links in a directory are copied as links; SRC itself is followed where it is one."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:everything was copied", "1:something was not; standard error says what", "125:Sluice itself failed"})
final class CopyCommand implements Callable<Integer> {
    @Mixin
    private SandboxOptions sandbox;

    @Option(
        names = {"-a", "--archive"},
        description = "Keeps times, to the second, and owners, where files may be given away, also of what is there already. Implies -P.")
    private boolean archive;

    @Option(names = {"-P", "--no-dereference"}, description = "Copies SRC itself where it is a link.")
    private boolean noDereference;

    @Option(names = {"-r", "-R", "--recursive"}, hidden = true, description = "Directories are always copied with everything in them.")
    private boolean recursive;

    @Option(names = {"-q", "--quiet"}, description = "Shows no progress. It is shown on a terminal only.")
    private boolean quiet;

    @Option(names = "--json", description = "Prints a JSON object that says how much was copied.")
    private boolean json;

    @Parameters(arity = "2..*", paramLabel = "SRC... DST", hideParamSyntax = true, description = "What to copy, and where to.")
    private List<String> operands;

    @Spec
    private CommandSpec spec;

    private final FailureCount failures = new FailureCount();

    @Override
    public Integer call() throws Exception {
        final Path socket = sandbox.socket();
        final List<CopyOperand> sources = new ArrayList<>();
        for (final String source : operands.subList(0, operands.size() - 1)) {
            sources.add(CopyOperand.parse("SRC", source, socket));
        }
        final CopyOperand destination = CopyOperand.parse("DST", operands.getLast(), socket);
        final Path place = sandboxOf(sources, destination);
        final CopySummary summary = new CopySummary();
        final ProgressBar bar = new ProgressBar(StandardStream.err(), quiet);
        try (SandboxClient client = sandbox.connect(place)) {
            final boolean keepLink = noDereference || archive;
            final FileCopier copier = destination instanceof CopyOperand.Sandbox
                ? new Uploader(client.files(), () -> options(bar), keepLink)
                : new Downloader(client.files(), () -> options(bar), keepLink);
            copyAll(copier, sources, destination, summary, bar);
        } finally {
            bar.clear();
        }
        summary.skipped().forEach(name -> Diagnostics.print("left out, being no file, directory or link: " + name));
        if (json) {
            spec.commandLine().getOut().println(summary.toJson());
        } else if (bar.isShown()) {
            Diagnostics.print(summary.toText());
        }
        return failures.exitCode();
    }

    private CopyOptions.Builder options(final ProgressBar bar) {
        return CopyOptions.builder().progress(bar).archive(archive);
    }

    private void copyAll(final FileCopier copier, final List<CopyOperand> sources, final CopyOperand destination,
        final CopySummary summary, final ProgressBar bar) throws IOException, InterruptedException {
        try {
            copier.checkDestination(destination, sources.size() > 1);
        } catch (final IOException e) {
            failures.add(e);
            return;
        }
        for (final CopyOperand source : sources) {
            try {
                summary.add(copier.copy(source, destination));
            } catch (final CopyFailedException e) {
                summary.add(e.result());
                bar.clear();
                report(e);
            } catch (final IOException e) {
                bar.clear();
                failures.add(e);
            }
        }
    }

    private void report(final CopyFailedException failure) throws IOException {
        failure.failures().forEach(entry -> failures.add(entry.name() + ": " + Diagnostics.describe(entry.cause())));
        final long untold = failure.result().status().failed() - failure.failures().size();
        if (untold > 0) {
            failures.add(untold + " more were not copied");
        }
    }

    /** The one sandbox that is on one side. */
    private Path sandboxOf(final List<CopyOperand> sources, final CopyOperand destination) {
        Path found = null;
        for (final CopyOperand source : sources) {
            if (source instanceof CopyOperand.Sandbox == destination instanceof CopyOperand.Sandbox) {
                throw new ParameterException(spec.commandLine(), destination instanceof CopyOperand.Sandbox
                    ? "both are in a sandbox: '" + source.argument() + "' and '" + destination.argument()
                        + "'; of two, copy to here first; a file here whose path has a colon is written ./a:b"
                    : "neither SRC nor DST is in a sandbox, which is written " + SandboxOptions.OPERAND
                        + ", SANDBOX being the path of its relay's socket");
            }
            if (source instanceof final CopyOperand.Sandbox inside) {
                if (found != null && !found.equals(inside.socket())) {
                    throw new ParameterException(spec.commandLine(), "one sandbox at a time: " + found + ", " + inside.socket());
                }
                found = inside.socket();
            }
        }
        return destination instanceof final CopyOperand.Sandbox inside ? inside.socket() : found;
    }
}
