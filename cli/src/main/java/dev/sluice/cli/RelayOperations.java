package dev.sluice.cli;

import dev.sluice.ffi.Posix;
import dev.sluice.relay.MetricsServer;
import dev.sluice.relay.PrometheusText;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayLimit;
import dev.sluice.relay.RelayOutcome;
import dev.sluice.vsock.UnixAddress;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Runs a relay the way those who operate it want it: counted, measured, watched by a service manager, and with its failures on record. */
final class RelayOperations {
    private static final Logger LOG = System.getLogger(RelayOperations.class.getName());
    private static final String UNIX_PREFIX = "unix:";
    private static final Duration NEVER = Duration.ofNanos(Long.MAX_VALUE);

    @Option(names = "--counters-file", paramLabel = "FILE",
        description = "Keeps the counters in a file, best in /run, that 'sluice stat' reads, also when the relay is gone. "
            + "Its directory has to be there.")
    private String countersFile;

    @Option(names = "--metrics", paramLabel = UNIX_PREFIX + "PATH",
        description = "Serves the counters over HTTP on a Unix socket (GET /metrics), in the text format of Prometheus. "
            + "Its directory is made if it is missing.")
    private String metrics;

    @Option(names = BootErrorFile.OPTION, paramLabel = "FILE",
        description = "Says in a file, as JSON, why the relay or its guest did not come up. One of an earlier run is removed at the start. "
            + "Its directory has to be there.")
    private String bootError;

    /** Whether a guest has been ready: what fails later is no failure to start. */
    private boolean started;

    /**
     * Runs a relay to its end.
     *
     * @param options makes the relay's context; what it throws is a failure to start
     * @return the exit code
     */
    int run(final Callable<RelayContext> options) throws Exception {
        final BootErrorFile failures = BootErrorFile.of(bootError);
        final Posix posix = Posix.system();
        try (ServiceNotifier notifier = ServiceNotifier.fromEnvironment(posix)) {
            final RelayContext context = context(options, notifier);
            // Not before: now it is known that nothing else has this path.
            failures.remove();
            return serve(context, failures, notifier).exitCode();
        } catch (final ParameterException e) {
            // Reported where all wrong use is.
            throw e;
        } catch (final IOException | RuntimeException e) {
            if (!started) {
                failures.write(e);
            }
            throw e;
        }
    }

    private RelayContext context(final Callable<RelayContext> options, final ServiceNotifier notifier) throws Exception {
        final RelayContext context = options.call().listener(notifier);
        if (countersFile != null) {
            context.countersFile(Path.of(RawArguments.path("--counters-file", countersFile)));
        }
        return context;
    }

    private RelayOutcome serve(final RelayContext context, final BootErrorFile failures, final ServiceNotifier notifier) throws Exception {
        try (Relay relay = Relay.open(context); MetricsServer server = metricsServer(context, relay)) {
            TerminationSignals.forwardTo(signal -> relay.shutdown());
            Thread.ofPlatform().daemon().name("sluice-readiness").start(() -> removeWhenReady(relay, failures));
            if (server != null) {
                LOG.log(Level.INFO, "metrics are served at {0}", metrics);
            }
            notifier.onBound();
            try {
                final RelayOutcome outcome = relay.run();
                if (outcome == RelayOutcome.NEVER_READY) {
                    failures.writeNeverReady(relay.neverReady());
                }
                return outcome;
            } finally {
                started = relay.awaitReady(Duration.ZERO);
            }
        }
    }

    /** Where files and sockets will be, by option. */
    Map<String, String> places() {
        final Map<String, String> places = new LinkedHashMap<>();
        if (countersFile != null) {
            places.put("--counters-file", RawArguments.path("--counters-file", countersFile));
        }
        if (metrics != null) {
            places.put("--metrics", metricsPath());
        }
        if (bootError != null) {
            places.put(BootErrorFile.OPTION, RawArguments.path(BootErrorFile.OPTION, bootError));
        }
        return places;
    }

    private String metricsPath() {
        final String address = RawArguments.path("--metrics", metrics);
        if (!address.startsWith(UNIX_PREFIX)) {
            throw new IllegalArgumentException("--metrics: " + address + " (allowed: " + UNIX_PREFIX + "PATH)");
        }
        return address.substring(UNIX_PREFIX.length());
    }

    private MetricsServer metricsServer(final RelayContext context, final Relay relay) throws IOException {
        if (metrics == null) {
            return null;
        }
        return MetricsServer.open(context.posix(), new UnixAddress(metricsPath()),
            Duration.ofNanos(context.limit(RelayLimit.SOCKET_CHECK_INTERVAL)), () -> PrometheusText.of(relay.counters()));
    }

    /** Not on the relay's loop, which no disk may hold up. */
    private static void removeWhenReady(final Relay relay, final BootErrorFile failures) {
        try {
            if (relay.awaitReady(NEVER)) {
                failures.remove();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
