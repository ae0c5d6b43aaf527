package dev.sluice.cli;

import dev.sluice.ffi.Posix;
import dev.sluice.relay.CountersFileReader;
import dev.sluice.relay.CountersSnapshot;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Tells what a relay has counted, from its counters file; the relay may live or be dead. */
@Command(name = "stat", mixinStandardHelpOptions = true, description = "Shows the counters of a relay (relay --counters-file).")
final class StatCommand implements Callable<Integer> {
    private static final String DEFAULT_INTERVAL = "1s";

    @Parameters(paramLabel = "FILE", description = "The counters file.")
    private String file;

    @Option(names = "--all", description = "Shows counters that are zero, too.")
    private boolean all;

    @Option(names = "--json", description = "Prints a JSON object with every counter by the name it has on the metrics page.")
    private boolean json;

    @Option(names = "--watch", arity = "0..1", paramLabel = "TIME", parameterConsumer = OptionalTime.class,
        description = "Goes on until the relay has ended, with rates. Default: every " + DEFAULT_INTERVAL + ".")
    private String watch;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        final Path path = Path.of(RawArguments.path("FILE", file));
        final PrintWriter out = spec.commandLine().getOut();
        final CountersView view = new CountersView(out, all);
        final Duration interval = watch == null ? null : interval();
        CountersSnapshot before = null;
        long beforeNs = 0;
        while (true) {
            final long nowNs = System.nanoTime();
            final CountersSnapshot now = CountersFileReader.read(Posix.system(), path);
            if (json) {
                view.printJson(now);
            } else {
                view.printTable(now, before, (double) (nowNs - beforeNs) / TimeUnit.SECONDS.toNanos(1));
            }
            // Also flushes; who read this may have gone.
            if (out.checkError() || interval == null || !now.alive()) {
                return ExitCode.OK;
            }
            before = now;
            beforeNs = nowNs;
            Thread.sleep(interval);
            if (!json) {
                out.println();
            }
        }
    }

    private Duration interval() {
        try {
            final Duration interval = new TimeConverter().convert(watch.isEmpty() ? DEFAULT_INTERVAL : watch);
            if (interval.isZero()) {
                throw new TypeConversionException("'" + watch + "' (allowed: 1ms and up)");
            }
            return interval;
        } catch (final TypeConversionException e) {
            throw new ParameterException(spec.commandLine(), "--watch: " + e.getMessage(), e);
        }
    }
}
