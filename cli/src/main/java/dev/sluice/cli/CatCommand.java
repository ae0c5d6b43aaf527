package dev.sluice.cli;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import dev.sluice.client.SandboxFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes files of a sandbox to standard output. */
@Command(name = "cat", mixinStandardHelpOptions = true, description = "Writes files of a sandbox to standard output, byte for byte.")
final class CatCommand implements Callable<Integer> {
    private static final int BUFFER_LENGTH = 64 * 1024;

    @Mixin
    private SandboxOptions sandbox;

    @Parameters(arity = "1..*", paramLabel = SandboxOptions.OPERAND, description = "The files.")
    private List<String> operands;

    private final DataOutput out = new DataOutput();
    private final FailureCount failures = new FailureCount();

    @Override
    public Integer call() throws Exception {
        final SandboxOptions.Operands wanted = sandbox.read(operands);
        try (SandboxClient client = sandbox.connect(wanted.socket())) {
            for (final SandboxPath path : wanted.paths()) {
                try {
                    copy(client.files(), path);
                } catch (final SandboxException e) {
                    failures.add(e);
                }
            }
        } catch (final DataOutput.ReaderGoneException e) {
            return e.exitCode();
        }
        return failures.exitCode();
    }

    private void copy(final SandboxFiles files, final SandboxPath path) throws IOException, InterruptedException {
        final byte[] buffer = new byte[BUFFER_LENGTH];
        try (InputStream in = files.newInputStream(path.bytes())) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                out.writeThrough(buffer, length);
            }
        }
    }
}
