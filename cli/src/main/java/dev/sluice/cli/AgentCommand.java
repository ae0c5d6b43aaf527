package dev.sluice.cli;

import dev.sluice.agent.Agent;
import dev.sluice.agent.AgentContext;
import dev.sluice.agent.AgentListener;
import dev.sluice.agent.AgentOutcome;
import dev.sluice.ffi.Posix;
import dev.sluice.port.PortAddress;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the guest agent until it is told to end or its host has gone. */
@Command(
    name = "agent",
    mixinStandardHelpOptions = true,
    description = "Runs programs in the guest for the clients of its relay. When that has gone: at a port that is dialled, ends with them; "
        + "at any other, waits for the next relay, and programs get --host-grace to finish.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:told to end, or the relay has gone", "125:Sluice itself failed, or what answered at the port is no relay"})
final class AgentCommand implements Callable<Integer> {
    @Option(names = "--port", required = true, paramLabel = "ADDRESS", description = "The console port: " + PortAddress.SYNTAX + ".")
    private String port;

    @Mixin
    private AgentProgramOptions programs;

    @Option(names = "--await-host", description = "Waits for another relay when one has gone, also at a port that is dialled.")
    private boolean awaitHost;

    @Option(names = "--max-connections", paramLabel = "N", description = "How many connections there may be at once.")
    private Integer maxConnections;

    @Option(names = "--heartbeat", paramLabel = "PATH",
        description = "Writes what the agent does to that file, once a second while its directory exists.")
    private String heartbeat;

    @Option(names = "--set-clock", description = "Sets the machine's clock when the relay says that it differs from the host's.")
    private boolean setClock;

    @Option(names = "--init",
        description = "As the first process of a guest: makes a machine of it, as the relay's core.bootstrap says, and powers it off in "
            + "the end.")
    private boolean init;

    @Mixin
    private AgentFileOptions files;

    @Option(names = "--end-with", hidden = true, paramLabel = "PID",
        description = "Ends when that process does, also one that is killed before it has become the host.")
    private Integer endWith;

    @Option(names = "--log", paramLabel = "LEVEL", defaultValue = "INFO",
        description = "What to say on standard error: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Level level;

    @Override
    public Integer call() throws Exception {
        CommandLog.printFrom(level);
        Diagnostics.neverWait();
        return init ? GuestEnd.after(this::serve) : serve();
    }

    private Integer serve() throws Exception {
        final AgentContext context = new AgentContext()
            .portAddress(RawArguments.port("--port", port))
            .adoptOrphans(true)
            .heartbeat(heartbeat == null ? null : Path.of(RawArguments.path("--heartbeat", heartbeat)))
            .setClock(setClock)
            .listener(new Reporter(RawArguments.text(port)));
        programs.apply(context);
        context.init().enabled(init);
        // An agent that belongs to another process is no more worth than that.
        context.init().oomProtection(endWith == null);
        if (awaitHost) {
            context.host().awaitNext(true);
        }
        if (maxConnections != null) {
            context.connections().max(maxConnections);
        }
        files.applyTo(context.files());
        try (Agent agent = new Agent(context)) {
            TerminationSignals.forwardTo(signal -> agent.shutdown());
            if (endWith != null) {
                ProcessWatch.whenEnded(Posix.system(), endWith, agent::close);
            }
            return agent.run() == AgentOutcome.HOST_BROKEN ? ExitCode.SLUICE_FAILED : ExitCode.OK;
        }
    }

    /** Passes on to the log what the agent tells. */
    private record Reporter(String port) implements AgentListener {
        private static final Logger LOG = System.getLogger(Agent.class.getName());

        @Override
        public void onStart(final String description) {
            LOG.log(Level.INFO, description);
        }

        @Override
        public void onWaiting(final String reason) {
            LOG.log(Level.INFO, "waiting for a host at " + port + (reason.isEmpty() ? "" : ": " + reason));
        }

        @Override
        public void onHost() {
            LOG.log(Level.INFO, "a host is there");
        }

        @Override
        public void onHostLost(final String reason) {
            LOG.log(Level.INFO, "the host has gone: " + reason);
        }

        @Override
        public void onWarning(final String message) {
            LOG.log(Level.WARNING, message);
        }
    }
}
