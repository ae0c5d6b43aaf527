package dev.sluice.cli;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What commands on files have in common: which sandbox the files are in. Either their operands name it, or an option does for all of them.
 */
final class SandboxOptions {
    /** How operands are written. */
    static final String OPERAND = "SANDBOX:PATH";

    @Option(names = "--socket", paramLabel = "SANDBOX",
        description = "The sandbox, by its relay's socket, so that operands need not name it.")
    private String socket;

    @Mixin
    private ConnectPatience patience;

    /** The paths of operands, and the sandbox that they are in. */
    record Operands(Path socket, List<SandboxPath> paths) {
    }

    /** What the option gave; null where it was not given. */
    Path socket() {
        return socket == null ? null : SandboxSocket.path("--socket", socket);
    }

    /**
     * Reads operands of the form {@value #OPERAND}; with {@code --socket} what precedes the path may be left out, and the colon too.
     *
     * @param arguments what was given, at least one
     * @throws IllegalArgumentException naming the operand that does not fit
     */
    Operands read(final List<String> arguments) {
        final Path given = socket();
        final List<SandboxPath> paths = new ArrayList<>();
        Path sandbox = given;
        for (final String argument : arguments) {
            final int colon = argument.indexOf(':');
            if (given != null) {
                paths.add(SandboxPath.of(RawArguments.bytes(colon == 0 ? argument.substring(1) : argument)));
                continue;
            }
            if (colon <= 0) {
                throw new IllegalArgumentException("'" + RawArguments.text(argument) + "' names no sandbox (wanted: " + OPERAND
                    + ", SANDBOX being the path of its relay's socket; or --socket SANDBOX)");
            }
            final Path named = SandboxSocket.path(OPERAND, argument.substring(0, colon));
            if (sandbox != null && !sandbox.equals(named)) {
                throw new IllegalArgumentException("'" + RawArguments.text(argument) + "': one sandbox at a time, the first is " + sandbox);
            }
            sandbox = named;
            paths.add(SandboxPath.of(RawArguments.bytes(argument.substring(colon + 1))));
        }
        return new Operands(sandbox, paths);
    }

    /** Connects, and waits until the guest is ready. @return the client, to be closed */
    SandboxClient connect(final Path sandbox) throws SandboxException, InterruptedException {
        return patience.connect(sandbox);
    }
}
