package dev.sluice.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** x. */
@Command(name = "sluice", mixinStandardHelpOptions = true, version = "x")
public final class Main {
    private Main() {
    }

    /**
     * X.
     *
     * @param args x
     */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
