package dev.sluice.cli;

import dev.sluice.client.DeadlineExceededException;
import dev.sluice.client.SandboxClient;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Asks a sandbox's agent again and again whether it answers. */
@Command(
    name = "ping",
    mixinStandardHelpOptions = true,
    description = "Asks the sandbox's agent whether it answers, and how long that takes, until told to end.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:it has answered", "1:it has not answered in time, not once", "125:it failed, or the sandbox has gone"})
final class PingCommand implements Callable<Integer> {
    @Mixin
    private ConnectOptions relay;

    @Option(names = {"-c", "--count"}, paramLabel = "N", converter = NumberConverter.FromOne.class,
        description = "Asks so many times, and ends.")
    private Long count;

    @Option(names = {"-i", "--interval"}, paramLabel = "TIME", defaultValue = "1s", converter = TimeConverter.class,
        description = "How long to wait between two questions. Default: ${DEFAULT-VALUE}.")
    private Duration interval;

    @Option(names = {"-W", "--deadline"}, paramLabel = "TIME", defaultValue = "10s", converter = TimeConverter.class,
        description = "How long an answer may take. Default: ${DEFAULT-VALUE}.")
    private Duration deadline;

    @Option(names = "--json", description = "Prints a JSON object for each answer, and one for all of them.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final PingStatistics statistics = new PingStatistics();

    @Override
    public Integer call() throws Exception {
        final PrintWriter out = spec.commandLine().getOut();
        try (SandboxClient client = relay.connect()) {
            // Before that there is nothing to count, and a signal ends us as it ends anybody.
            TerminationSignals.forwardTo(signal -> ended.countDown());
            boolean more = true;
            while (more) {
                ask(client, out);
                // Also flushes; who read this may have gone.
                more = !out.checkError() && (count == null || statistics.asked() < count)
                    && !ended.await(interval.toNanos(), TimeUnit.NANOSECONDS);
            }
        }
        out.println(json ? statistics.toJson() : statistics.toText());
        return statistics.answered() == 0 ? ExitCode.INCOMPLETE : ExitCode.OK;
    }

    private void ask(final SandboxClient client, final PrintWriter out) throws Exception {
        final long number = statistics.asked() + 1;
        try {
            final Duration took = client.ping(deadline);
            statistics.onAnswer(took);
            out.printf(Locale.ROOT, json ? "{\"seq\":%d,\"time_ms\":%.3f}%n" : "answer %d: %.3f ms%n", number, PingStatistics.millis(took));
        } catch (final DeadlineExceededException e) {
            statistics.onNone();
            out.println(json ? "{\"seq\":" + number + ",\"time_ms\":null}"
                : "no answer " + number + " within " + TimeConverter.format(deadline));
        }
    }
}
