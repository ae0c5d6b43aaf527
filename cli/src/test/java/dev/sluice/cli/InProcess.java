package dev.sluice.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/** Commands in this very process, where it does not matter that they are programs: a JVM for each would take its time. */
final class InProcess {
    private InProcess() {
    }

    /** Runs a command; only what it prints as text is among its output. */
    static SluiceProcess.Result run(final String... arguments) {
        final PrintStream before = System.err;
        final ByteArrayOutputStream errors = new ByteArrayOutputStream();
        final StringWriter output = new StringWriter();
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            final int exitCode = Main.commandLine().setOut(new PrintWriter(output)).execute(arguments);
            return new SluiceProcess.Result(
                exitCode, output.toString().getBytes(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
        } finally {
            System.setErr(before);
        }
    }
}
