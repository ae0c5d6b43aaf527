package dev.sluice.cli;

import java.io.IOException;
import java.util.Arrays;

/**
 * Where the JVM begins: with an agent right here, with every other command in {@link Main}. An agent idles for days beside programs that
 * need the memory more, so it does without the parser of command lines; a command line that is not plain gets that parser all the same.
 */
public final class Launcher {
    private static final String AGENT = "agent";

    private Launcher() {
    }

    /**
     * Runs a command and ends the JVM with its exit code.
     *
     * @param args the command line
     * @throws IOException when the kernel does not say what the command line is
     */
    public static void main(final String[] args) throws IOException {
        if (args.length > 0 && AGENT.equals(args[0])) {
            final String[] arguments = RawArguments.read(args);
            final AgentCommand command = new AgentCommand();
            if (PlainOptions.read(command, Arrays.copyOfRange(arguments, 1, arguments.length))) {
                System.exit(run(command));
            }
        }
        Main.main(args);
    }

    private static int run(final AgentCommand command) {
        Diagnostics.flushAtExit();
        try {
            return command.call();
        } catch (final Exception e) {
            return Main.onFailure(e);
        }
    }
}
