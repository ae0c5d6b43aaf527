package dev.sluice.cli;

import dev.sluice.client.FileOperationException;
import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.client.SandboxFiles;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Makes directories in a sandbox. */
@Command(name = "mkdir", mixinStandardHelpOptions = true, description = "Makes directories in a sandbox.")
final class MakeDirectoryCommand implements Callable<Integer> {
    @Mixin
    private SandboxOptions sandbox;

    @Option(names = {"-p", "--parents"}, description = "Makes those above it, too; it is well when it is there.")
    private boolean parents;

    @Option(names = {"-m", "--mode"}, paramLabel = "MODE", converter = ModeConverter.class,
        description = "Gives it these permissions, in octal digits.")
    private Integer mode;

    @Parameters(arity = "1..*", paramLabel = SandboxOptions.OPERAND, description = "What to make.")
    private List<String> operands;

    private final FailureCount failures = new FailureCount();

    @Override
    public Integer call() throws Exception {
        final SandboxOptions.Operands wanted = sandbox.read(operands);
        try (SandboxClient client = sandbox.connect(wanted.socket())) {
            for (final SandboxPath path : wanted.paths()) {
                try {
                    make(client.files(), path);
                } catch (final SandboxException e) {
                    failures.add(e);
                }
            }
        }
        return failures.exitCode();
    }

    private void make(final SandboxFiles files, final SandboxPath path) throws SandboxException, InterruptedException {
        if (!parents) {
            if (isThere(files, path)) {
                failures.add("file exists: " + path);
                return;
            }
            if (!isParentThere(files, path.parent())) {
                return;
            }
        }
        if (mode == null) {
            files.createDirectories(path.bytes());
        } else {
            files.createDirectories(path.bytes(), mode);
        }
    }

    /** The sandbox would make it; this says why it does not. */
    private boolean isParentThere(final SandboxFiles files, final SandboxPath parent) throws SandboxException, InterruptedException {
        try {
            files.stat(parent.bytes());
            return true;
        } catch (final FileOperationException e) {
            if (!e.errnoName().equals("ENOENT")) {
                throw e;
            }
            failures.add("no such directory in the sandbox: " + parent.withoutSlashes() + " (-p makes those above, too)");
            return false;
        }
    }

    private static boolean isThere(final SandboxFiles files, final SandboxPath path) throws SandboxException, InterruptedException {
        try {
            files.linkStat(path.withoutSlashes().bytes());
            return true;
        } catch (final FileOperationException e) {
            return false;
        }
    }

    /** Reads permission bits. */
    static final class ModeConverter implements ITypeConverter<Integer> {
        @Override
        public Integer convert(final String text) {
            if (!text.matches("0?[0-7]{1,4}")) {
                throw new TypeConversionException("'" + text + "' is no mode (allowed: 0 to 7777, octal)");
            }
            return Integer.parseInt(text, Byte.SIZE);
        }
    }
}
