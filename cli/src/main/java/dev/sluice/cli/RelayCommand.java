package dev.sluice.cli;

import dev.sluice.port.PortAddress;
import dev.sluice.relay.Relay;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.RelayOutcome;
import dev.sluice.relay.SlowClientPolicy;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a relay until it is told to end. */
@Command(name = "relay", mixinStandardHelpOptions = true, description = "Lets many programs talk to one guest.",
    modelTransformer = RelayLimitOptions.class)
final class RelayCommand implements Callable<Integer> {
    @Option(names = "--guest", required = true, paramLabel = "ADDRESS",
        description = "The guest's console port: " + PortAddress.SYNTAX + ".")
    private String guest;

    @Option(names = "--listen", required = true, paramLabel = "PATH", description = "The socket for clients.")
    private String listen;

    @Option(names = "--slow-client", paramLabel = "POLICY",
        description = "What happens to a client without flow windows that does not read: ${COMPLETION-CANDIDATES}.")
    private SlowClientPolicy slowClient;

    @Option(names = "--exit-on-guest-loss", description = "Ends when the guest is lost, instead of waiting for the next.")
    private boolean exitOnGuestLoss;

    @Option(names = "--log", paramLabel = "LEVEL", defaultValue = "INFO",
        description = "What to say on standard error: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Level level;

    @Spec
    private CommandSpec spec;

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
        if (slowClient != null) {
            context.slowClientPolicy(slowClient);
        }
        RelayLimitOptions.apply(spec.commandLine(), context);
        return context;
    }
}
