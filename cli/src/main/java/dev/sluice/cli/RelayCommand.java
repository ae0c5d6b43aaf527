package dev.sluice.cli;

import dev.sluice.port.PortAddress;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayOutcome;
import dev.sluice.relay.SlowClientPolicy;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a relay until it is told to end. */
@Command(name = "relay", mixinStandardHelpOptions = true, description = "Lets many programs talk to one guest.")
final class RelayCommand implements Callable<Integer> {
    @Option(names = "--guest", required = true, paramLabel = "ADDRESS",
        description = "The guest's console port: " + PortAddress.SYNTAX + ".")
    private String guest;

    @Option(names = "--listen", required = true, paramLabel = "PATH", description = "The socket for clients.")
    private String listen;

    @Option(names = "--max-clients", paramLabel = "N", description = "How many clients may be connected at once.")
    private Integer maxClients;

    @Option(names = "--ready-deadline", paramLabel = "SECONDS", description = "How long the guest may take to become ready.")
    private Long readyDeadlineSeconds;

    @Option(names = "--slow-client", paramLabel = "POLICY",
        description = "What happens to a client without flow windows that does not read: ${COMPLETION-CANDIDATES}.")
    private SlowClientPolicy slowClient;

    @Option(names = "--exit-on-guest-loss", description = "Ends when the guest is lost, instead of waiting for the next.")
    private boolean exitOnGuestLoss;

    @Option(names = "--log", paramLabel = "LEVEL", defaultValue = "INFO",
        description = "What to say on standard error: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Level level;

    @Override
    public Integer call() throws Exception {
        CommandLog.printFrom(level);
        try (Relay relay = Relay.open(context())) {
            TerminationSignals.forwardTo(signal -> relay.shutdown());
            final RelayOutcome outcome = relay.run();
            return outcome == RelayOutcome.STOPPED || outcome == RelayOutcome.GUEST_SHUT_DOWN ? ExitCode.OK : ExitCode.SLUICE_FAILED;
        }
    }

    private RelayContext context() {
        final RelayContext context = new RelayContext()
            .guest(PortAddress.parse(RawArguments.text(guest)))
            .listen(Path.of(RawArguments.text(listen)))
            .exitOnGuestLoss(exitOnGuestLoss);
        if (maxClients != null) {
            context.maxClients(maxClients);
        }
        if (readyDeadlineSeconds != null) {
            context.readyDeadline(Duration.ofSeconds(readyDeadlineSeconds));
        }
        if (slowClient != null) {
            context.slowClientPolicy(slowClient);
        }
        return context;
    }
}
