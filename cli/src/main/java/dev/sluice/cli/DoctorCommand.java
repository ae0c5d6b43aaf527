package dev.sluice.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what this machine can do for Sluice. Nothing it tries leaves the machine or stays behind. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = "Checks what this machine offers; exits with 1 when something that Sluice needs is missing.")
final class DoctorCommand implements Callable<Integer> {
    private static final int MISSING = 1;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        final List<Probe> probes = SystemProbes.run();
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            printJson(out, probes);
        } else {
            probes.forEach(probe -> printLine(out, probe));
        }
        out.flush();
        return probes.stream().allMatch(probe -> probe.works() || !probe.required()) ? ExitCode.OK : MISSING;
    }

    private static void printLine(final PrintWriter out, final Probe probe) {
        final String state = probe.works() ? "ok" : probe.required() ? "MISSING" : "no";
        out.printf("%-12s %-8s %s%n", probe.name(), state, probe.detail());
    }

    private static void printJson(final PrintWriter out, final List<Probe> probes) {
        out.print("{");
        String separator = "";
        for (final Probe probe : probes) {
            out.printf("%s%n  %s: {\"works\": %b, \"required\": %b, \"detail\": %s}",
                separator, JsonText.quoted(probe.name()), probe.works(), probe.required(), JsonText.quoted(probe.detail()));
            separator = ",";
        }
        out.printf("%n}%n");
    }
}
