package dev.sluice.cli;

import dev.sluice.client.FileInfo;
import dev.sluice.client.FileOperationException;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.client.SandboxFiles;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes files of a sandbox. */
@Command(name = "rm", mixinStandardHelpOptions = true, description = "Removes files of a sandbox; links, not what they lead to.")
final class RemoveCommand implements Callable<Integer> {
    private static final Set<String> ABSENT = Set.of("ENOENT", "ENOTDIR");

    @Mixin
    private SandboxOptions sandbox;

    @Option(names = {"-r", "-R", "--recursive"}, description = "Removes directories, with everything in them.")
    private boolean recursive;

    @Option(names = {"-f", "--force"}, description = "What is not there is well.")
    private boolean force;

    @Parameters(arity = "1..*", paramLabel = SandboxOptions.OPERAND, description = "What to remove.")
    private List<String> operands;

    private final FailureCount failures = new FailureCount();

    @Override
    public Integer call() throws Exception {
        final SandboxOptions.Operands wanted = sandbox.read(operands);
        try (SandboxClient client = sandbox.connect(wanted.socket())) {
            for (final SandboxPath path : wanted.paths()) {
                try {
                    remove(client.files(), path);
                } catch (final FileOperationException e) {
                    if (!force || !ABSENT.contains(e.errnoName())) {
                        failures.add(e);
                    }
                } catch (final SandboxException e) {
                    failures.add(e);
                }
            }
        }
        return failures.exitCode();
    }

    private void remove(final SandboxFiles files, final SandboxPath operand) throws SandboxException, InterruptedException {
        if (operand.isNameless()) {
            failures.add("refused to remove '" + operand + "': only what has a name is removed");
            return;
        }
        // With the slash, a link would be followed.
        final SandboxPath path = operand.withoutSlashes();
        final FileInfo info = files.linkStat(path.bytes());
        if (!info.isDirectory()) {
            if (operand.endsInSlash()) {
                failures.add("not a directory: " + operand);
            } else {
                files.remove(path.bytes());
            }
        } else if (recursive) {
            files.removeDirectory(path.bytes(), true);
        } else {
            failures.add("is a directory, which -r removes: " + operand);
        }
    }
}
